namespace CloudPbx.Media.Tests;

/// <summary>What carries media control between a controller and a node (infra/decisions/0017 and 0018).</summary>
public enum Carriage
{
    /// <summary>A Unix socket, each message behind its length.</summary>
    Own,

    /// <summary>gRPC, HTTP/2 in clear.</summary>
    Grpc,
}
