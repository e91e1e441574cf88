using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>
/// The trace that a worker's message belongs to, as W3C <c>traceparent</c>: a parameter of what the edge takes off anyway, the egress Route of a request and the
/// edge's own Via of a response. So it costs nothing where there is none, and no peer ever sees it.
/// </summary>
public static class InnerTrace
{
    /// <summary>The name of the parameter.</summary>
    public const string Parameter = "trace";

    private const int MaximumLength = 64; // version 00 has 55 characters

    /// <summary>Puts a trace into an egress Route value.</summary>
    /// <param name="route">From <see cref="InnerNames.EgressRoute"/>.</param>
    /// <param name="traceParent">The W3C trace context.</param>
    /// <returns>The value to put on top of the request.</returns>
    public static string AddToRoute(string route, string traceParent)
    {
        ArgumentNullException.ThrowIfNull(route);
        return $"{route[..^1]};{Parameter}={traceParent}>";
    }

    /// <summary>Puts a trace into the edge's Via value.</summary>
    /// <param name="via">The top Via line of a response; the edge's own value only.</param>
    /// <param name="traceParent">The W3C trace context.</param>
    /// <returns>The value to put on top of the response.</returns>
    public static string AddToVia(string via, string traceParent) => $"{via};{Parameter}={traceParent}";

    /// <summary>Reads it from a worker's message.</summary>
    /// <param name="message">A request or a response.</param>
    /// <returns>The trace context, not looked into; null where there is none.</returns>
    public static string? Read(in SipMessageView message) =>
        (message.IsRequest ? TryReadRoute(message, out ReadOnlySpan<byte> text) : TryReadVia(message, out text)) && text.Length is > 0 and <= MaximumLength
            ? Encoding.ASCII.GetString(text)
            : null;

    private static bool TryReadRoute(in SipMessageView request, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!request.TryFind(SipHeaderName.Route, out SipHeaderView header))
            return false;
        var routes = new SipValueReader(header.Value);
        return routes.TryRead(out ReadOnlySpan<byte> first) && NameAddressView.Parse(first, out NameAddressView route) == SipParseError.None
            && route.Uri.TryGetParameter("trace"u8, out text);
    }

    private static bool TryReadVia(in SipMessageView response, out ReadOnlySpan<byte> text)
    {
        text = default;
        return ViaRewriter.TryFindTop(response, out _, out ViaView via, out _) && via.TryGetParameter("trace"u8, out text);
    }
}
