# syntax=docker/dockerfile:1
ARG NODE_IMAGE=node:24.21.0-trixie-slim

# Everything that building needs (.dockerignore lets nothing else in); only what is copied below ships.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script, and the project's own would build before the sources are here.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts \
 && node .ci/prune-natives.mjs

# Runs as a user without rights, from files that it cannot change: `docker run --read-only --shm-size=1g volfilter`.
# The rings live in /dev/shm; whatever is kept goes to the volume.
FROM ${NODE_IMAGE}
ENV NODE_ENV=production
RUN install --directory --owner=node --group=node /var/lib/volfilter
COPY --from=build /app/package.json /app/LICENSE /app/
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
# A journal holds the layouts of its records.
COPY --from=build /app/schemas/*.fbs /app/schemas/
# What the assistant looks up.
COPY --from=build /app/README.md /app/
COPY --from=build /app/docs /app/docs
USER node
WORKDIR /var/lib/volfilter
VOLUME /var/lib/volfilter
STOPSIGNAL SIGTERM
# Unhealthy is whatever may not quote: still starting, killed, or gone.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8790/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/engine/cli/main.js"]
CMD ["run"]
