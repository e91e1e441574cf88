using System.Globalization;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

public sealed partial class UserAgentLayer
{
    /// <summary>Makes a request outside a dialog, with everything but Via and Contact (RFC 3261 §8.1.1).</summary>
    /// <param name="method">The method.</param>
    /// <param name="requestUri">The Request-URI.</param>
    /// <param name="from">From; a tag is added if it has none.</param>
    /// <param name="to">To.</param>
    /// <param name="callId">The Call-ID; <see langword="null"/> for a new one.</param>
    /// <param name="cseq">The CSeq number; <see langword="null"/> for a random one.</param>
    /// <param name="reliable">Whether reliable provisional responses are offered: with an INVITE only.</param>
    /// <param name="timer">Whether the session timer is named: with an INVITE only.</param>
    /// <returns>The request, to be completed and sent.</returns>
    public SipRequest CreateRequest(SipMethod method, SipUri requestUri, NameAddress from, NameAddress to, string? callId = null, uint? cseq = null,
        ReliablePolicy reliable = ReliablePolicy.Off, bool timer = true)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        SipRequest request = new(method, requestUri);
        request.Headers.Add(SipHeaderName.MaxForwards, Options.MaxForwards.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SipHeaderName.From, (from.Tag is null ? from.WithTag(Tokens.NewTag()) : from).ToString());
        request.Headers.Add(SipHeaderName.To, to.ToString());
        request.Headers.Add(SipHeaderName.CallId, callId ?? Tokens.NewCallId());
        request.Headers.Add(SipHeaderName.CSeq, new CSeq(cseq ?? Tokens.NewCSeq(), method).ToString());
        AddCapabilities(request, reliable, timer);
        return request;
    }

    /// <summary>Sends a request that is neither INVITE nor ACK, and waits for its final response; challenges are answered.</summary>
    /// <param name="request">The request without our Via. For further attempts it is copied, with rising CSeq.</param>
    /// <param name="flow">The flow that it leaves by.</param>
    /// <param name="authentication">What answers 401 and 407, or <see langword="null"/>.</param>
    /// <returns>The final response; one made here with 408 or 503 if none came. Never fails.</returns>
    public Task<SipResponse> SendAsync(SipRequest request, Flow flow, DigestClient? authentication = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(flow);
        if (request.Method == SipMethod.Invite || request.Method == SipMethod.Ack)
            throw new ArgumentException("INVITE is sent by Invite, ACK by its dialog.", nameof(request));
        return new RequestAttempts(Transactions, () => flow, authentication, static cseq => cseq + 1).SendAsync(request);
    }

    /// <summary>Says what we accept (RFC 3261 §20.5, §20.37) and who we are.</summary>
    /// <remarks>Of our requests only an INVITE that makes a dialog may name <c>100rel</c>: we take provisional responses of no other (RFC 3262 §4 leaves re-INVITE to us).</remarks>
    internal void AddCapabilities(SipMessage message, ReliablePolicy reliable = ReliablePolicy.Off, bool timer = true)
    {
        bool named = message is SipResponse || reliable != ReliablePolicy.Off;
        message.Headers.Add(SipHeaderName.Allow, named ? _allow : _allowUnreliable);
        if (_supported[(named ? 1 : 0) + (timer ? 2 : 0)] is { } supported)
            message.Headers.Add(SipHeaderName.Supported, supported);
        if (named && reliable == ReliablePolicy.Required)
            message.Headers.Add(SipHeaderName.Require, UserAgentOptions.Reliable);
        if (Options.Product is not null)
            message.Headers.Add(message is SipRequest ? SipHeaderName.UserAgent : SipHeaderName.Server, Options.Product);
    }

    internal static void AddHeaders(SipMessage message, IReadOnlyList<HeaderField>? headers)
    {
        foreach ((string name, string value) in headers ?? [])
            message.Headers.Add(name, value);
    }

    internal static void SetBody(SipMessage message, MessageBody? body)
    {
        if (body is not null)
            message.SetBody(body.Octets, body.ContentType);
    }

    /// <summary>A 422 that says our least session interval (RFC 4028 §6).</summary>
    internal SipResponse IntervalTooSmall(SipRequest request)
    {
        SipResponse response = SipResponse.For(request, 422, toTag: Tokens.NewTag());
        response.Headers.Add(SipHeaderName.MinSE, SessionTimer.Minimum.ToString(CultureInfo.InvariantCulture));
        return response;
    }

    /// <summary>A response with Retry-After of 0 to 10 s, as RFC 3261 §14.2 wants it.</summary>
    internal SipResponse TryLater(SipRequest request)
    {
        SipResponse response = SipResponse.For(request, 500);
        response.Headers.Add(SipHeaderName.RetryAfter, Tokens.Next(11).ToString(CultureInfo.InvariantCulture));
        return response;
    }
}
