# The image of a release: goreleaser puts the program of each platform into a folder beside this file.
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/rql /usr/bin/rql
ENTRYPOINT ["/usr/bin/rql"]
