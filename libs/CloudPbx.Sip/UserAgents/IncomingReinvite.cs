using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>A change of the session that the peer asks for: a re-INVITE (RFC 3261 §14.2), or an UPDATE with an offer (RFC 3311 §5.2).</summary>
public sealed class IncomingReinvite
{
    internal IncomingReinvite()
    {
    }

    /// <summary>Gets the request.</summary>
    public SipRequest Request => throw new NotImplementedException();

    /// <summary>Gets the flow that it came in on.</summary>
    public Flow Flow => throw new NotImplementedException();

    /// <summary>Gets the offer; <see langword="null"/> if the peer wants ours in the 200 and answers in the ACK.</summary>
    public MessageBody? Offer => throw new NotImplementedException();

    /// <summary>Gets whether it still waits: neither answered nor withdrawn by CANCEL or BYE.</summary>
    public bool IsPending => throw new NotImplementedException();

    /// <summary>Gets the ACK with its body, once it came; <see langword="null"/> for an UPDATE, or when the dialog ended without it. Completes after <see cref="Accept"/>; never fails.</summary>
    public Task<SipRequest?> Confirmed => throw new NotImplementedException();

    /// <summary>Agrees.</summary>
    /// <param name="body">The answer, or our offer if the request had none.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns><see langword="false"/> if it no longer waits.</returns>
    public bool Accept(MessageBody? body, IReadOnlyList<HeaderField>? headers = null) => throw new NotImplementedException();

    /// <summary>Refuses; the session stays as it is.</summary>
    /// <param name="statusCode">300 to 699; 488 for an offer that cannot be served.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <returns><see langword="false"/> if it no longer waits.</returns>
    public bool Reject(int statusCode, string? reasonPhrase = null) => throw new NotImplementedException();
}
