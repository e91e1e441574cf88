using System.Buffers;
using System.Diagnostics;
using CloudPbx.Edge.Listeners;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Dispatch;

internal sealed partial class MessageDispatcher
{
    private const int TokenScratch = FlowToken.MaxLength;

    private static readonly TimeSpan s_challengedPhone = TimeSpan.FromMinutes(10);        // addresses of carriers that names lead to change

    /// <summary>Takes one message of a worker.</summary>
    private void FromWorker(InnerLink link, ReadOnlySpan<byte> octets)
    {
        if (SipMessageView.Parse(octets, out SipMessageView message) != SipParseError.None)
            _metrics.Dropped("worker message");
        else if (!message.IsRequest)
            ForwardResponseOutward(link, message);
        else if (MovedNotice.TryRead(message, out MovedNotice notice))
            _links.Moved(notice);
        else if (FlowRequest.Is(message))
            Open(link, message);
        else
            ForwardRequestOutward(link, message);
    }

    // Seldom, so it may allocate.
    private void Open(InnerLink link, in SipMessageView message)
    {
        if (SipMessage.TryParse(message.Octets, out SipMessage? parsed) == SipParseError.None && parsed is SipRequest request)
            Opener?.Invoke(request, response => link.TrySend(response));
        else
            _metrics.Dropped("worker message");
    }

    private void ForwardResponseOutward(InnerLink link, in SipMessageView response)
    {
        if (!StatelessForwarder.TryReadWorkerResponse(response, out ReadOnlySpan<byte> text, out Guid? tenant)
            || !_tokens.TryRead(text, stackalloc byte[TokenScratch], out FlowTokenView token))
        {
            if (!TryReturn(response))
                _metrics.Dropped("worker message");
            return;
        }
        if (tenant is { } owned && !_links.MaySpeak(owned, link))
        {
            _metrics.Dropped("former owner");
            return;
        }
        if (!_flows.TryFind(token, out Peer peer))
        {
            _metrics.Dropped("flow");           // the phone asks again on its next connection
            return;
        }
        // Who hears ringing was let through, too: a banned phone's call for help goes on by its PRACK.
        if (tenant is { } authenticated && (response.StatusCode is >= 200 and < 300 || (response.StatusCode is > 100 and < 200 && FlowTenant(peer) is null)))
            Learn(peer, token, authenticated);
        if (tenant is { } owner)
            LearnPhone(peer, response, owner);
        using Activity? span = EdgeTrace.Forward(response, token.Transport, _identity.Id);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(response.Octets.Length + StatelessForwarder.Room);
        int length = StatelessForwarder.WriteResponseOutward(response, buffer);
        bool mayAnswer = length == 0 || MayAnswer(peer, length);
        if (!mayAnswer)
        {
            length = StatelessForwarder.WriteResponseOutward(response, buffer, isLean: true);
            mayAnswer = MayAnswer(peer, length);
        }
        if (!mayAnswer)
        {
            _metrics.Dropped("amplification");  // it comes again, and with it as much as it has sent by then
        }
        else if (length > 0 && peer.TrySend(buffer.AsSpan(0, length)))
        {
            _metrics.ForwardedOutward(token.Transport, isRequest: false);
        }
        else
        {
            EdgeTrace.Failed(span);
            _metrics.Dropped("flow");
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ForwardRequestOutward(InnerLink link, in SipMessageView request)
    {
        if (!EgressRoute.TryRead(request, out ReadOnlySpan<byte> text, out _)
            || !_tokens.TryRead(text, stackalloc byte[TokenScratch], out FlowTokenView token))
        {
            if (TryReturn(request))
                return;
            _metrics.Dropped("worker message");
            FlowFailed(link, request);          // a token of another installation's key: its binding is worth nothing
            return;
        }
        if (StatelessForwarder.TryReadWorkerRequest(request, out Guid tenant) && !_links.MaySpeak(tenant, link))
        {
            _metrics.Dropped("former owner");
            return;
        }
        using Activity? span = EdgeTrace.Forward(request, token.Transport, _identity.Id);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(request.Octets.Length + StatelessForwarder.Room);
        int length = StatelessForwarder.WriteRequestOutward(request, token, _identity.Key, buffer);
        if (length > 0 && _flows.TryFind(token, out Peer peer) && peer.TrySend(buffer.AsSpan(0, length)))
        {
            _metrics.ForwardedOutward(token.Transport, isRequest: true);
        }
        else
        {
            EdgeTrace.Failed(span);
            FlowFailed(link, request);
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>A message that we sent inwards and a worker gives back, because its tenant lives elsewhere now: it goes there.</summary>
    private bool TryReturn(in SipMessageView message)
    {
        if (!ReturnedMessage.TryRead(message, out Guid tenant))
            return false;
        if (_links.TrySend(tenant, message.Octets))
            _metrics.Returned();
        else if (_held.TryHold(tenant, message.Octets))
            _metrics.Held();
        else
            _metrics.Dropped("held");
        return true;
    }

    /// <summary>The connection is gone (RFC 5626 §11.5): the worker drops the binding that named it.</summary>
    private void FlowFailed(InnerLink link, in SipMessageView request)
    {
        _metrics.Dropped("flow");
        if (request.MethodText.SequenceEqual("ACK"u8))
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(request.Octets.Length + StatelessForwarder.Room);
        int length = StatelessResponse.Write(request, 430, "Flow Failed", source: null, _identity.Key, buffer);
        if (length > 0)
            link.TrySend(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The system refused a datagram that had been queued (no route, say): where it is a request, it is answered in its peer's stead. An answer comes again when its request does.</summary>
    public void Refused(ReadOnlySpan<byte> datagram)
    {
        _metrics.Dropped("flow");
        if (SipMessageView.Parse(datagram, out SipMessageView request) != SipParseError.None || !request.IsRequest || request.MethodText.SequenceEqual("ACK"u8))
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(2 * (datagram.Length + StatelessForwarder.Room));
        int length = StatelessResponse.Write(request, 430, "Flow Failed", source: null, _identity.Key, buffer);
        if (SipMessageView.Parse(buffer.AsSpan(0, length), out SipMessageView answer) == SipParseError.None && StatelessForwarder.TryReadPeerResponse(answer, _identity.Key, out Guid tenant))
        {
            Span<byte> inward = buffer.AsSpan(length);
            _links.TrySend(tenant, inward[..StatelessForwarder.WriteResponseInward(answer, inward)]);
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    // Whoever registered or was let through on a flow is known to be of that tenant, should it next name no domain.
    private void Learn(in Peer peer, in FlowTokenView token, Guid tenant)
    {
        _challenger.Authenticated(tenant);
        _trap.Authenticated(peer.Remote);
        if (peer.Connection is { } connection)
            connection.Tenant = tenant;
        else if (token.Transport == SipTransport.Udp)
            _flowTenants.Learn(token.Remote, tenant, s_registration);
    }

    // Where a REGISTER was accepted, and where the worker challenged an INVITE on a flow on which somebody has authenticated, no carrier is that the worker knows by its address.
    private void LearnPhone(in Peer peer, in SipMessageView response, Guid tenant)
    {
        if (response.StatusCode is >= 200 and < 300 && IsAnswerTo(response, "REGISTER"u8))
            _phones.Learn((peer.Remote, tenant), true, s_registration);
        else if (response.StatusCode == 407 && FlowTenant(peer) is not null && IsAnswerTo(response, "INVITE"u8))
            _phones.Learn((peer.Remote, tenant), true, s_challengedPhone);
    }

    private static bool IsAnswerTo(in SipMessageView response, ReadOnlySpan<byte> method) => response.TryFind(SipHeaderName.CSeq, out SipHeaderView cseq) && cseq.Value.EndsWith(method);
}
