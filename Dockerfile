# The image of a release: goreleaser puts the program beside this file.
FROM gcr.io/distroless/static-debian12:nonroot
COPY rql /usr/bin/rql
ENTRYPOINT ["/usr/bin/rql"]
