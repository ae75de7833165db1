# Tocsin's image: compiled beforehand, no compiler run and nothing written into it at start.
# docker build -t tocsin:0.1.0 .

# A version tag of Node that has this year's fixes (docs/deploying.md says which it must have). Debian, not Alpine:
# Temporal's native bridge is linked against glibc.
ARG NODE_IMAGE=node:24.22.1-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
# What stays outside is in .dockerignore.
COPY . .
RUN npm run build

FROM ${NODE_IMAGE}
# TOCSIN_DIST: use what was compiled. HOST: a container's own loopback is reached by nobody.
ENV NODE_ENV=production \
    TOCSIN_DIST=/app/dist \
    TOCSIN_HOME=/var/lib/tocsin \
    HOST=0.0.0.0 \
    PORT=8080
RUN install -d -o node -g node -m 0750 /var/lib/tocsin
WORKDIR /app
COPY package.json ./
COPY bin bin
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The files belong to root: the process can read them and change nothing.
USER node
VOLUME /var/lib/tocsin
EXPOSE 8080
# Slim has no curl. A worker has no port and switches this off.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/tocsin.js"]
# Say `server` or `worker`. Alone it tells what there is.
CMD ["--help"]
