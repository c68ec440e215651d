# One binary, the libraries that it needs, and all licences: no shell, no package manager.
#   docker build --build-arg SOURCE_COMMIT="$(git rev-parse HEAD)" --tag gatepost .
# The Rust that ran the tests. rust-toolchain.toml stays outside, because it would fetch another one.
FROM rust:1.95-slim-bookworm AS build
# OpenSSL's build needs make and perl, for TLS to PostgreSQL. The list of licences is written by Python.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates=* make=* perl=* python3=* \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
ARG SOURCE_COMMIT=""
RUN cargo build --release --locked --features pg-tls \
    && packaging/container-root target/release/gatepost /container pg-tls

FROM scratch
COPY --from=build /container /
COPY --from=build --chown=65532:65532 /container/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV GATEPOST_ADDRESS=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s CMD ["gatepost", "health"]
ENTRYPOINT ["gatepost"]
