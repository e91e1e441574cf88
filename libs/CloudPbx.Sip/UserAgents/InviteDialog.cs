using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An answered call's dialog (RFC 3261 §12 to §15): requests in it both ways, re-INVITE with glare, BYE.</summary>
/// <remarks>Used on the owner's thread; tasks complete there, their continuations are queued and resume on the scheduler that awaited.</remarks>
public sealed class InviteDialog
{
    internal InviteDialog()
    {
    }

    /// <summary>Raised when <see cref="State"/> changed: a snapshot wants to be stored.</summary>
    public event Action<InviteDialog>? Changed;

    /// <summary>Gets the dialog's state, to be stored.</summary>
    public DialogState State => throw new NotImplementedException();

    /// <summary>Gets or sets the flow that our requests leave by. Set it when the phone's verified request came in on another one.</summary>
    public Flow Flow { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>Gets whether the dialog is over.</summary>
    public bool IsEnded => throw new NotImplementedException();

    /// <summary>Gets how the dialog ended; completes once, never fails.</summary>
    public Task<DialogEnd> Ended => throw new NotImplementedException();

    /// <summary>
    /// Gets the ACK of our 2xx with its body (the answer to an offer in the 2xx). Where we called, and where the dialog ended without ACK, it is
    /// <see langword="null"/>. Completes once, never fails.
    /// </summary>
    public Task<SipRequest?> Confirmed => throw new NotImplementedException();

    /// <summary>Gets or sets a check that sees every request in the dialog first, for example that it came by the peer's flow or has credentials. It returns <see langword="false"/> after it answered the request itself, or to drop it.</summary>
    public Func<ServerTransaction, bool>? Admit { get; set; }

    /// <summary>Gets or sets who answers re-INVITEs and offers in UPDATE, now or later. Without one they get 488.</summary>
    public Action<IncomingReinvite>? ReinviteReceived { get; set; }

    /// <summary>
    /// Gets or sets who may answer other requests (INFO, MESSAGE, OPTIONS, REFER, NOTIFY …). It returns whether it took the request; those it leaves get 200 if
    /// the method is accepted, as keep-alives want. BYE and UPDATE without offer are not asked for.
    /// </summary>
    public Func<ServerTransaction, bool>? RequestReceived { get; set; }

    /// <summary>Acknowledges a 2xx that brought an offer, because our INVITE or re-INVITE had none (RFC 3261 §13.2.1): sends the ACK with the answer.</summary>
    /// <param name="answer">The answer.</param>
    public void Acknowledge(MessageBody? answer) => throw new NotImplementedException();

    /// <summary>Changes the session (RFC 3261 §14.1). On glare (491) it is tried again after the RFC's random time, at most three times. A 481 or 408 ends the dialog.</summary>
    /// <param name="offer">The offer; <see langword="null"/> asks the peer for one, to be answered by <see cref="Acknowledge"/>.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The outcome; never fails. One re-INVITE at a time: a second one waits for the first.</returns>
    public Task<ReinviteOutcome> ReinviteAsync(MessageBody? offer, IReadOnlyList<HeaderField>? headers = null) => throw new NotImplementedException();

    /// <summary>Sends another request in the dialog: INFO, MESSAGE, OPTIONS, UPDATE …</summary>
    /// <param name="method">Neither INVITE, ACK, BYE nor CANCEL.</param>
    /// <param name="body">The body, or <see langword="null"/>.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The final response; one made here with 408 or 503 if none came, with 481 if the dialog is over. Never fails.</returns>
    public Task<SipResponse> SendAsync(SipMethod method, MessageBody? body = null, IReadOnlyList<HeaderField>? headers = null) => throw new NotImplementedException();

    /// <summary>Hangs up (RFC 3261 §15). The dialog is over at once; where our 2xx still waits for its ACK the BYE follows that (§15).</summary>
    /// <param name="reason">The value of a Reason header field (RFC 3326), or <see langword="null"/>.</param>
    /// <returns>Completes when the BYE was answered or given up; never fails. Doing it twice sends one BYE.</returns>
    public Task ByeAsync(string? reason = null) => throw new NotImplementedException();

    /// <summary>Forgets the dialog without a word to the peer.</summary>
    public void Abandon() => Changed?.Invoke(this);
}
