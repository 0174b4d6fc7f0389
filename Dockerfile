# A static binary that runs as nobody, on nothing. It writes no file: with --nats, all state is NATS's.
FROM golang:1.26.8-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /quotewire ./cmd/quotewire

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /quotewire /quotewire
USER 65532:65532
ENTRYPOINT ["/quotewire"]
CMD ["--help"]
