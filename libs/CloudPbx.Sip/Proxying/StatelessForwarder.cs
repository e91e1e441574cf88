using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Proxying;

/// <summary>Forwards messages between phones and workers as a stateless proxy (RFC 3261 §16.11): from the octets received into the octets to be sent.</summary>
/// <remarks>Pure and allocation-free. Every method gives 0 when the destination is too short or the message is not what it should be.
/// A destination of the message's length and <see cref="Room"/> always suffices.</remarks>
public static class StatelessForwarder
{
    /// <summary>Octets by which a forwarded message may be longer than the received one.</summary>
    public const int Room = 2048;

    /// <summary>What Max-Forwards becomes where a request has none (RFC 3261 §16.6 step 3; GNOME Calls' probe and RFC 2543 phones).</summary>
    public const int DefaultMaxForwards = 70;

    /// <summary>A request from a peer, to a worker.</summary>
    /// <param name="request">A request without fault, Max-Forwards above 0.</param>
    /// <param name="context">Where it comes from and whose it is.</param>
    /// <param name="destination">Takes the message.</param>
    /// <returns>The octets written.</returns>
    public static int WriteRequestInward(in SipMessageView request, in InwardRequest context, Span<byte> destination)
    {
        if (!ViaRewriter.TryFindTop(request, out int viaLine, out ViaView via, out ReadOnlySpan<byte> rest))
            return 0;
        var writer = new OctetWriter(destination);
        if (context.RequestUri.IsEmpty)
        {
            writer.Write(request.Octets[request.StartLine]);
        }
        else
        {
            writer.Write(request.MethodText);
            writer.Write(" "u8);
            writer.Write(context.RequestUri);
            writer.Write(" SIP/2.0"u8);
        }
        writer.Write("\r\nVia: SIP/2.0/TCP "u8);
        writer.WriteHexadecimal(context.EdgeId);
        writer.Write(".invalid;branch="u8);
        Span<byte> branch = stackalloc byte[BranchHash.Length];
        writer.Write(branch[..BranchHash.WriteInward(context.Key, via, request, branch)]);
        writer.Write(";flow="u8);
        writer.Write(context.FlowToken);
        if (request.MethodText.SequenceEqual("REGISTER"u8) || request.MethodText.SequenceEqual("INVITE"u8))
        {
            writer.Write(";tenant="u8);         // comes back with the 200, which tells the edge whose flow it is
            writer.Write(context.Tenant);
        }
        writer.Write("\r\nRoute: <sip:"u8);
        writer.Write(context.Tenant);
        writer.Write("@worker;lr>\r\n"u8);

        bool maxForwards = false;
        bool contentLength = false;
        for (int i = 0; i < request.HeaderCount; i++)
        {
            SipHeaderView header = request.GetHeader(i);
            if (i == viaLine)
            {
                ViaRewriter.WriteReceived(ref writer, via, rest, context.Source);
                continue;
            }
            if (StrangerHeaders.IsForbidden(header, isRequest: true, context.IsTrusted))
                continue;
            if (header.Name == SipHeaderName.MaxForwards)
            {
                maxForwards = true;
                if (!TryReadMaxForwards(header.Value, out int hops) || hops == 0)
                    return 0;
                WriteMaxForwards(ref writer, hops - 1);
                continue;
            }
            contentLength |= header.Name == SipHeaderName.ContentLength;
            writer.Write(header.Text);
            writer.Write("\r\n"u8);
        }
        if (!maxForwards)
            WriteMaxForwards(ref writer, DefaultMaxForwards);
        WriteBody(ref writer, request, contentLength);
        return writer.Length;
    }

    /// <summary>A response from a peer, to a worker: the edge's own Via is taken off.</summary>
    /// <param name="response">A response without fault, whose top Via <see cref="TryReadPeerResponse"/> has accepted.</param>
    /// <param name="destination">Takes the message.</param>
    /// <returns>The octets written.</returns>
    public static int WriteResponseInward(in SipMessageView response, Span<byte> destination) =>
        WriteWithoutTopVia(response, fromStranger: true, destination);

    /// <summary>A response from a worker, to a peer: the edge's own Via is taken off.</summary>
    /// <param name="response">The response.</param>
    /// <param name="destination">Takes the message.</param>
    /// <param name="isLean">Writes it as short as can be: a datagram to somebody unknown should not be longer than what he sent (S32).</param>
    /// <returns>The octets written.</returns>
    public static int WriteResponseOutward(in SipMessageView response, Span<byte> destination, bool isLean = false) =>
        WriteWithoutTopVia(response, fromStranger: false, destination, isLean);

    /// <summary>A request from a worker, to a peer: the egress Route is taken off, the edge's Via put on.</summary>
    /// <param name="request">A request whose top Route <see cref="EgressRoute.TryRead"/> has accepted.</param>
    /// <param name="flow">The flow that the Route names.</param>
    /// <param name="key">The edges' key.</param>
    /// <param name="destination">Takes the message.</param>
    /// <returns>The octets written.</returns>
    public static int WriteRequestOutward(in SipMessageView request, in FlowTokenView flow, EdgeKey key, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        int routeLine = request.IndexOf(SipHeaderName.Route);
        if (routeLine < 0 || !ViaRewriter.TryFindTop(request, out _, out ViaView worker, out _))
            return 0;
        var routes = new SipValueReader(request.GetHeader(routeLine).Value);
        _ = routes.TryRead(out _);
        ReadOnlySpan<byte> otherRoutes = routes.Rest.Trim(SipAscii.Lws);

        var writer = new OctetWriter(destination);
        writer.Write(request.Octets[request.StartLine]);
        writer.Write("\r\nVia: SIP/2.0/"u8);
        writer.Write(TransportToken(flow.Transport));
        writer.Write(" "u8);
        writer.WriteHost(flow.AdvertisedHost);
        writer.Write(":"u8);
        writer.Write(flow.AdvertisedPort);
        writer.Write(";branch="u8);
        Span<byte> branch = stackalloc byte[BranchHash.Length];
        writer.Write(branch[..BranchHash.WriteOutward(key, worker, branch)]);
        writer.Write(";rport\r\n"u8);
        bool contentLength = false;
        for (int i = 0; i < request.HeaderCount; i++)
        {
            SipHeaderView header = request.GetHeader(i);
            if (i == routeLine)
            {
                if (otherRoutes.IsEmpty)
                    continue;
                writer.Write("Route: "u8);
                writer.Write(otherRoutes);
                writer.Write("\r\n"u8);
                continue;
            }
            contentLength |= header.Name == SipHeaderName.ContentLength;
            writer.Write(header.Text);
            writer.Write("\r\n"u8);
        }
        WriteBody(ref writer, request, contentLength);
        return writer.Length;
    }

    /// <summary>Reads the Vias of a peer's response: the top one must be an edge's, made for the worker's below it.</summary>
    /// <param name="response">The response.</param>
    /// <param name="key">The edges' key.</param>
    /// <param name="tenant">Whose the response is.</param>
    /// <returns>False when the response answers nothing that an edge sent: it is to be dropped.</returns>
    public static bool TryReadPeerResponse(in SipMessageView response, EdgeKey key, out Guid tenant)
    {
        tenant = default;
        return ViaRewriter.TryFindTop(response, out int line, out ViaView top, out ReadOnlySpan<byte> rest)
            && ViaRewriter.TryFindSecond(response, line, rest, out ViaView worker)
            && InnerNames.TryReadWorkerVia(worker.Host, out tenant)
            && BranchHash.IsOurs(key, top, worker);
    }

    /// <summary>Reads the top Via of a worker's response: the flow to send it on.</summary>
    /// <param name="response">The response.</param>
    /// <param name="flowToken">The flow token's text; to be verified.</param>
    /// <param name="tenant">The tenant that the edge noted in the request's Via; REGISTER and INVITE have it.</param>
    /// <returns>False when an edge did not forward the request.</returns>
    public static bool TryReadWorkerResponse(in SipMessageView response, out ReadOnlySpan<byte> flowToken, out Guid? tenant)
    {
        flowToken = default;
        tenant = null;
        if (!ViaRewriter.TryFindTop(response, out _, out ViaView top, out _) || !InnerNames.TryReadEdgeVia(top.Host, out _)
            || !top.TryGetParameter("flow"u8, out flowToken))
            return false;
        if (top.TryGetParameter("tenant"u8, out ReadOnlySpan<byte> text) && InnerNames.TryReadTenant(text, out Guid id))
            tenant = id;
        return true;
    }

    /// <summary>Reads the top Via of a worker's request: whose it is.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tenant">The tenant that the worker speaks for.</param>
    /// <returns>False when the Via is none of a worker's.</returns>
    public static bool TryReadWorkerRequest(in SipMessageView request, out Guid tenant)
    {
        tenant = default;
        return ViaRewriter.TryFindTop(request, out _, out ViaView top, out _) && InnerNames.TryReadWorkerVia(top.Host, out tenant);
    }

    /// <summary>Reads a Max-Forwards value (RFC 3261 §20.22).</summary>
    /// <returns>False when it is no number; a number above 255 counts as 255.</returns>
    public static bool TryReadMaxForwards(ReadOnlySpan<byte> value, out int hops)
    {
        hops = 0;
        if (value.IsEmpty)
            return false;
        foreach (byte c in value)
        {
            if (c is < (byte)'0' or > (byte)'9')
                return false;
            hops = Math.Min(255, hops * 10 + (c - '0'));
        }
        return true;
    }

    internal static void WriteBody(ref OctetWriter writer, in SipMessageView message, bool contentLength)
    {
        if (!contentLength)
        {
            writer.Write("Content-Length: "u8);     // a stream needs it (RFC 3261 §18.3); a datagram may have come without
            writer.Write(message.Body.Length);
            writer.Write("\r\n"u8);
        }
        writer.Write("\r\n"u8);
        writer.Write(message.Body);
    }

    private static int WriteWithoutTopVia(in SipMessageView response, bool fromStranger, Span<byte> destination, bool isLean = false)
    {
        if (!ViaRewriter.TryFindTop(response, out int viaLine, out _, out ReadOnlySpan<byte> rest))
            return 0;
        var writer = new OctetWriter(destination);
        if (isLean)
        {
            LeanAnswer.WriteStatusLine(ref writer, response.StatusCode);
        }
        else
        {
            writer.Write(response.Octets[response.StartLine]);
            writer.Write("\r\n"u8);
        }
        bool contentLength = false;
        for (int i = 0; i < response.HeaderCount; i++)
        {
            SipHeaderView header = response.GetHeader(i);
            if (i == viaLine)
            {
                if (rest.IsEmpty)
                    continue;
                writer.Write("Via: "u8);
                writer.Write(rest);
                writer.Write("\r\n"u8);
                continue;
            }
            if (fromStranger && StrangerHeaders.IsForbidden(header, isRequest: false, isTrusted: false))
                continue;
            if (isLean)
            {
                LeanAnswer.WriteField(ref writer, header, response.StatusCode, hasBody: !response.Body.IsEmpty);
                continue;
            }
            contentLength |= header.Name == SipHeaderName.ContentLength;
            writer.Write(header.Text);
            writer.Write("\r\n"u8);
        }
        WriteBody(ref writer, response, contentLength || isLean);
        return writer.Length;
    }

    private static void WriteMaxForwards(ref OctetWriter writer, int hops)
    {
        writer.Write("Max-Forwards: "u8);
        writer.Write(hops);
        writer.Write("\r\n"u8);
    }

    private static ReadOnlySpan<byte> TransportToken(SipTransport transport) => transport switch
    {
        SipTransport.Udp => "UDP"u8,
        SipTransport.Tcp => "TCP"u8,
        SipTransport.Tls => "TLS"u8,
        SipTransport.Ws => "WS"u8,
        _ => "WSS"u8,
    };
}
