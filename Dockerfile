# One image for every process of the lab; which one a container is, `roamline run NAME` says (docker-compose.yml).
# Needs no BuildKit.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /roamline
COPY package.json package-lock.json .npmrc ./
# Optional is a second Node: the base image is one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --loglevel=error \
 && find node_modules -type f \( -name '*.md' -o -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:24-bookworm-slim
WORKDIR /roamline
# Why the threshold: childEnvironment in scripts/lab/node-child.ts.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/roamline/.compile-cache \
    MALLOC_TRIM_THRESHOLD_=1048576 \
    ROAMLINE_HTTP_PORT=8080
COPY --from=dependencies /roamline/node_modules ./node_modules
COPY . .
# A fresh named volume takes its owner from the folder it covers.
RUN mkdir /data /secrets .compile-cache && chown node:node /data /secrets .compile-cache && chmod 700 /data /secrets
USER node
# Keeps the compiled code of everything a process loads, also what it loads late, which makes its start twice as fast. The cache counts
# for one user and one set of V8 flags only.
RUN node --max-semi-space-size=4 --input-type=module -e "const parts = ['scripts/roamline', 'scripts/lab/become-process', 'cluster-node/main', 'cluster-node/process', 'services/ils/hub/main', 'services/ils/hub/process', 'services/super-user-sync/main', 'services/super-user-sync/process', 'services/certificates/issue'].map((part) => '/roamline/' + part + '.ts'); for (const part of [...parts, 'undici', '@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler']) await import(part)"
VOLUME ["/data", "/secrets"]
EXPOSE 8080 8443
STOPSIGNAL SIGTERM
# There is no curl here, and a Node for each look would keep a core busy: bash speaks enough HTTP for one line.
HEALTHCHECK --interval=2s --timeout=2s --start-period=20s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$ROAMLINE_HTTP_PORT && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
# No launcher in between: the process that runs is the one that gets the signals.
ENTRYPOINT ["node", "--max-semi-space-size=4", "scripts/roamline.ts"]
CMD ["--help"]
