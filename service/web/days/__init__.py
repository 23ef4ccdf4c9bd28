"""The days: certificates and the close of each, the start of this one."""
