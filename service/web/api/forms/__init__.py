"""The wire form of the API, version 1: what is asked and what is told, as models that make the OpenAPI."""
