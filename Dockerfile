# The images of Mayfly's programs, one target each:
#
#   docker build --target scheduler --tag mayfly-scheduler .
#
# Targets: api, scheduler, standalone, timeout. How to run them: docs/operations.md, Images.

# Pin it by digest where an image must be the same each time.
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
# The registry of packages, where it is another than that of npm.
ARG NPM_CONFIG_REGISTRY
WORKDIR /src
COPY . .
# pnpm is that of package.json, packages are those of the lockfile; their own scripts do not run (pnpm-workspace.yaml).
RUN npm install --global "$(node -p 'require("./package.json").packageManager')" \
 && pnpm install --frozen-lockfile --filter mayfly --filter-prod "@mayfly/app-*..." \
 && pnpm --filter-prod "@mayfly/app-*..." run build
# A program with what it needs at run time, and nothing else.
RUN for app in api scheduler standalone timeout; do \
      pnpm --config.inject-workspace-packages=true --filter "@mayfly/app-$app" --prod deploy "/out/$app" \
      || exit 1; \
    done \
 && rm -rf /out/*/src /out/*/test /out/*/.turbo /out/*/tsconfig.json /out/*/pnpm-lock.yaml \
           /out/*/node_modules/.pnpm/@mayfly*/node_modules/@mayfly/*/src

FROM ${NODE_IMAGE} AS program
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
# A number: Kubernetes cannot tell of a name that it is not root's. Files stay root's, so that no program can change them.
USER 10001:10001
CMD ["node", "dist/main.js"]

FROM program AS api
LABEL org.opencontainers.image.title="mayfly-api" \
      org.opencontainers.image.description="Accepts tasks over HTTP"
COPY --from=build /out/api ./
EXPOSE 8700

FROM program AS timeout
LABEL org.opencontainers.image.title="mayfly-timeout" \
      org.opencontainers.image.description="Ends overdue tasks and recovers lost ones"
ENV MAYFLY_HEALTH_HOST=0.0.0.0 MAYFLY_HEALTH_PORT=8701
COPY --from=build /out/timeout ./
EXPOSE 8701

FROM program AS standalone
LABEL org.opencontainers.image.title="mayfly-standalone" \
      org.opencontainers.image.description="All of Mayfly in one process, in memory"
COPY --from=build /out/standalone ./
EXPOSE 8700

FROM program AS scheduler
LABEL org.opencontainers.image.title="mayfly-scheduler" \
      org.opencontainers.image.description="Runs tasks as functions, commands, containers or Jobs"
ENV MAYFLY_HEALTH_HOST=0.0.0.0 MAYFLY_HEALTH_PORT=8701
COPY --from=build /out/scheduler ./
EXPOSE 8701
