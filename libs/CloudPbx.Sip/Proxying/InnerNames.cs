using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CloudPbx.Sip.Proxying;

/// <summary>The names that edges and workers use towards each other in Route and Via. None of them is ever resolved.</summary>
/// <remarks>
/// Inwards: <c>Route: &lt;sip:TENANT@worker;lr&gt;</c> and the edge's <c>Via: SIP/2.0/TCP EDGE.invalid;branch=…;flow=TOKEN</c>.
/// Outwards: <c>Route: &lt;sip:TOKEN@EDGE.egress.invalid;lr&gt;</c> and the worker's <c>Via: SIP/2.0/TCP TENANT.invalid;branch=…</c>.
/// TENANT is 32 hexadecimal digits, EDGE 8, both in lower case.
/// </remarks>
public static class InnerNames
{
    /// <summary>The host of the Route that names the tenant.</summary>
    public const string WorkerHost = "worker";

    /// <summary>The Via parameter that carries the flow token.</summary>
    public const string FlowParameter = "flow";

    /// <summary>Ends the host of an edge's and of a worker's Via (RFC 6761 §6.4: never resolves).</summary>
    public const string ViaSuffix = ".invalid";

    /// <summary>Ends the host of an egress Route.</summary>
    public const string EgressSuffix = ".egress.invalid";

    /// <summary>The host of From in an edge's hello.</summary>
    public const string HelloHost = "edge.invalid";

    /// <summary>The method by which a worker tells an edge where a tenant lives: <c>MOVED sip:TENANT@HOST:PORT SIP/2.0</c>.</summary>
    public const string MovedMethod = "MOVED";

    /// <summary>The host of a worker's Via: the tenant, because responses go to whoever owns it when they come.</summary>
    [SuppressMessage("Globalization", "CA1308", Justification = "The inner names are lower case.")]
    public static string WorkerVia(Guid tenant) => tenant.ToString("N") + ViaSuffix;

    /// <summary>The host of an edge's Via.</summary>
    public static string EdgeVia(uint edgeId) => edgeId.ToString("x8", CultureInfo.InvariantCulture) + ViaSuffix;

    /// <summary>The host of the Route that sends a request out by an edge.</summary>
    public static string EgressHost(uint edgeId) => edgeId.ToString("x8", CultureInfo.InvariantCulture) + EgressSuffix;

    /// <summary>The whole egress Route value, with its angle brackets.</summary>
    /// <param name="edgeId">The edge; from the token.</param>
    /// <param name="flowToken">The token's text.</param>
    public static string EgressRoute(uint edgeId, string flowToken) => $"<sip:{flowToken}@{EgressHost(edgeId)};lr>";

    /// <summary>Reads the host of a worker's Via.</summary>
    /// <returns>False when the host is not of that form.</returns>
    public static bool TryReadWorkerVia(ReadOnlySpan<byte> host, out Guid tenant)
    {
        tenant = default;
        return host.Length == 32 + ViaSuffix.Length && host.EndsWith(".invalid"u8) && TryReadTenant(host[..32], out tenant);
    }

    /// <summary>Reads a tenant's 32 hexadecimal digits.</summary>
    /// <returns>False when the text is anything else.</returns>
    public static bool TryReadTenant(ReadOnlySpan<byte> text, out Guid tenant)
    {
        tenant = default;
        return text.Length == 32 && Utf8Parser.TryParse(text, out tenant, out int read, 'N') && read == 32;
    }

    /// <summary>Reads the host of an edge's Via.</summary>
    /// <returns>False when the host is not of that form.</returns>
    public static bool TryReadEdgeVia(ReadOnlySpan<byte> host, out uint edgeId) => TryReadEdge(host, ".invalid"u8, out edgeId);

    /// <summary>Reads the host of an egress Route.</summary>
    /// <returns>False when the host is not of that form.</returns>
    public static bool TryReadEgressHost(ReadOnlySpan<byte> host, out uint edgeId) => TryReadEdge(host, ".egress.invalid"u8, out edgeId);

    /// <summary>Reads an edge's 8 hexadecimal digits.</summary>
    /// <returns>False when the text is anything else.</returns>
    public static bool TryReadEdgeId(ReadOnlySpan<byte> text, out uint edgeId)
    {
        edgeId = 0;
        return text.Length == 8 && Utf8Parser.TryParse(text, out edgeId, out int read, 'x') && read == 8;
    }

    private static bool TryReadEdge(ReadOnlySpan<byte> host, ReadOnlySpan<byte> suffix, out uint edgeId)
    {
        edgeId = 0;
        return host.Length == 8 + suffix.Length && host.EndsWith(suffix) && TryReadEdgeId(host[..8], out edgeId);
    }
}
