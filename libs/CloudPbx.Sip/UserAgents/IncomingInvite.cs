using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An INVITE that came in, until it is answered, refused or cancelled (RFC 3261 §13.3). Made by <see cref="UserAgentLayer.Take"/>.</summary>
/// <remarks>Provisional responses are repeated every minute (§13.3.1.1). Used on the owner's thread; <see cref="Cancelled"/> completes there, its continuations are queued.</remarks>
public sealed class IncomingInvite
{
    internal IncomingInvite()
    {
    }

    /// <summary>Gets the INVITE.</summary>
    public SipRequest Request => throw new NotImplementedException();

    /// <summary>Gets the flow that it came in on.</summary>
    public Flow Flow => throw new NotImplementedException();

    /// <summary>Gets our To tag.</summary>
    public string LocalTag => throw new NotImplementedException();

    /// <summary>Gets the offer; <see langword="null"/> if the caller wants ours.</summary>
    public MessageBody? Offer => throw new NotImplementedException();

    /// <summary>Gets whether it still waits for an answer.</summary>
    public bool IsPending => throw new NotImplementedException();

    /// <summary>Gets a task that completes if the caller gives up first; 487 was sent already. It never completes otherwise and never fails.</summary>
    public Task<InviteCancellation> Cancelled => throw new NotImplementedException();

    /// <summary>Sends a provisional response; those above 100 make the early dialog.</summary>
    /// <param name="statusCode">100 to 199.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <param name="body">Early media's answer, or <see langword="null"/>.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns><see langword="false"/> if the call is over.</returns>
    public bool Progress(int statusCode, string? reasonPhrase = null, MessageBody? body = null, IReadOnlyList<HeaderField>? headers = null) =>
        throw new NotImplementedException();

    /// <summary>Answers with 200, repeated until the ACK comes; without ACK the call ends with BYE after 64·T1 (§13.3.1.4, I20).</summary>
    /// <param name="body">The answer, or our offer if the INVITE had none; then the answer is in <see cref="InviteDialog.Confirmed"/>.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The dialog, or <see langword="null"/> if the call is over: the caller's CANCEL was first.</returns>
    public InviteDialog? Accept(MessageBody? body, IReadOnlyList<HeaderField>? headers = null) => throw new NotImplementedException();

    /// <summary>Refuses the call.</summary>
    /// <param name="statusCode">300 to 699.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns><see langword="false"/> if the call is over.</returns>
    public bool Reject(int statusCode, string? reasonPhrase = null, IReadOnlyList<HeaderField>? headers = null) => throw new NotImplementedException();
}
