# One image for `run`, `web` and `simulate`: the wheel is built once, the result holds neither compiler nor source tree.

FROM docker.io/library/python:3.11-slim AS tools
# no pins: the base image decides the release of Debian, and nothing of this stage reaches the result
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m pip install --no-cache-dir --root-user-action=ignore uv==0.13.9
WORKDIR /build
ENV UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1

# a stage of its own: the next one is built anew only when this list changes, not whenever pyproject.toml does
FROM tools AS requirements
COPY pyproject.toml uv.lock ./
RUN uv export --quiet --frozen --no-dev --all-extras --no-emit-project --output-file requirements.txt

FROM tools AS build
# the dependencies, from the lock and by hash; QuickFIX takes two minutes; pandas brings 46 MB of tests
COPY deploy/parallel_build parallel_build
COPY --from=requirements /build/requirements.txt ./
RUN uv venv --quiet /opt/sorwatch \
 && CXXFLAGS="-O2 -g0 -w" PYTHONPATH=/build/parallel_build \
    uv pip install --quiet --no-config --require-hashes --python /opt/sorwatch/bin/python -r requirements.txt \
 && rm -rf /opt/sorwatch/lib/python3.11/site-packages/pandas/tests

COPY . .
RUN uv build --quiet --wheel --out-dir dist \
 && uv pip install --quiet --no-config --no-deps --python /opt/sorwatch/bin/python dist/*.whl \
 && /opt/sorwatch/bin/python -m compileall -q /opt/sorwatch/lib

FROM docker.io/library/python:3.11-slim
COPY --from=build /opt/sorwatch /opt/sorwatch
COPY deploy/health.py /opt/sorwatch/health.py
# the folder belongs to whoever runs the image: a new volume takes its owner from here
RUN groupadd --gid 10001 sorwatch \
 && useradd --uid 10001 --gid sorwatch --home-dir /var/lib/sorwatch --no-create-home --no-log-init sorwatch \
 && install --directory --owner=sorwatch --group=sorwatch /var/lib/sorwatch
ENV PATH=/opt/sorwatch/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
# the working folder: sorwatch.toml, rulebook.yaml, fix_configs/, the store and the FIX stores
WORKDIR /var/lib/sorwatch
VOLUME /var/lib/sorwatch
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "/opt/sorwatch/health.py"]
ENTRYPOINT ["sorwatch"]
CMD ["run"]
