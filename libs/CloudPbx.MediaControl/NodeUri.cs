namespace CloudPbx.MediaControl;

/// <summary>The addresses of media nodes, as settings and announcements have them.</summary>
public static class NodeUri
{
    /// <summary>The forms that there are, for sentences about a wrong one.</summary>
    public const string Forms = "unix:/PATH or tcp://HOST:PORT, or for gRPC http://HOST:PORT or https://HOST:PORT";

    /// <summary>Whether <paramref name="address"/> can be dialled: it has one of the <see cref="Forms"/>, with a port.</summary>
    /// <param name="address">What is configured.</param>
    public static bool IsValid(string address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? node) && (IsGrpc(node)
        ? node is { Port: > 0, PathAndQuery: "/", Fragment: "", UserInfo: "", Host.Length: > 0 }
        : node.Scheme == "unix" || node is { Scheme: "tcp", Port: > 0 });

    /// <summary>Whether a node is spoken to by gRPC.</summary>
    /// <param name="node">Its address.</param>
    public static bool IsGrpc(Uri node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Scheme is "http" or "https";
    }
}
