using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An answered call's dialog (RFC 3261 §12 to §15): requests in it both ways, re-INVITE with glare, BYE.</summary>
/// <remarks>Used on the owner's thread; tasks complete there, their continuations are queued and resume on the scheduler that awaited.</remarks>
public sealed partial class InviteDialog : IDialogUser, IOfferOwner
{
    private readonly TaskCompletionSource<DialogEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SipRequest?> _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UserAgentLayer _layer;
    private readonly Dialog _dialog;
    private readonly DigestClient? _authentication;
    private Action<IncomingReinvite>? _reinviteReceived;

    internal InviteDialog(UserAgentLayer layer, Dialog dialog, Flow flow, DigestClient? authentication)
    {
        _layer = layer;
        _dialog = dialog;
        _authentication = authentication;
        Flow = flow;
    }

    /// <summary>Raised when <see cref="State"/> changed: a snapshot wants to be stored.</summary>
    public event Action<InviteDialog>? Changed;

    /// <summary>Gets the dialog's state, to be stored.</summary>
    public DialogState State => _dialog.State;

    /// <summary>Gets the dialog's identity at our end.</summary>
    public DialogId Id => _dialog.Id;

    /// <summary>Gets or sets the flow that our requests leave by. Set it when the phone's verified request came in on another one.</summary>
    public Flow Flow { get; set; }

    /// <summary>Gets whether the dialog is over.</summary>
    public bool IsEnded => _ended.Task.IsCompleted;

    /// <summary>Gets how the dialog ended; completes once, never fails.</summary>
    public Task<DialogEnd> Ended => _ended.Task;

    /// <summary>
    /// Gets the ACK of our 2xx with its body (the answer to an offer in the 2xx). Where we called, and where the dialog ended without ACK, it is
    /// <see langword="null"/>. Completes once, never fails.
    /// </summary>
    public Task<SipRequest?> Confirmed => _confirmed.Task;

    /// <summary>Gets or sets a check that sees every request in the dialog first, for example that it came by the peer's flow or has credentials. It returns <see langword="false"/> after it answered the request itself, or to drop it.</summary>
    public Func<ServerTransaction, bool>? Admit { get; set; }

    /// <summary>
    /// Gets or sets who answers re-INVITEs and offers in UPDATE, now or later. One that comes before it is set, on the heels of the answer, waits for it for T1;
    /// without it they get 488.
    /// </summary>
    public Action<IncomingReinvite>? ReinviteReceived
    {
        get => _reinviteReceived;
        set
        {
            _reinviteReceived = value;
            if (value is not null && _unseen is not null)
                _layer.Timers.Schedule(TimeSpan.Zero, static me => ((InviteDialog)me!).ShowUnseen(), this);
        }
    }

    /// <summary>
    /// Gets or sets who may answer other requests (INFO, MESSAGE, OPTIONS, REFER, NOTIFY …). It returns whether it took the request; those it leaves get 200 if
    /// the method is accepted, as keep-alives want. BYE and UPDATE without offer are not asked for.
    /// </summary>
    public Func<ServerTransaction, bool>? RequestReceived { get; set; }

    /// <summary>
    /// Gets or sets who repairs the session after a 2xx to a re-INVITE that this owner never sent (one before it did): it was acknowledged, but what it agreed on
    /// is not known here. A fresh re-INVITE settles that.
    /// </summary>
    public Action? ForgottenAnswer { get; set; }

    /// <summary>Gets a task that completes with the ACK that answers the offer in our last 2xx, as <see cref="Confirmed"/> does for the first; <see langword="null"/> if no offer of ours is open.</summary>
    public Task<SipRequest?>? OpenOffer => _answer is { Offers: true } answer ? answer.Confirmed.Task : null;

    /// <summary>
    /// Gets or sets who finds another way than <see cref="Flow"/> for an offer that is too long for datagrams (RFC 3261 §18.1.1). It is given the request's length in
    /// octets, without the Vias that it gets on its way; <see langword="null"/> from it: <see cref="Flow"/> has to do.
    /// </summary>
    public Func<int, Task<Flow?>>? FindWayBeside { get; set; }

    /// <summary>Gets or sets who is told that nobody answered by the way that <see cref="FindWayBeside"/> found, and the status made of that (430: the connection is gone). The request goes by <see cref="Flow"/> then.</summary>
    public Action<Flow, int>? UnheardBeside { get; set; }

    /// <summary>Makes what another owner needs to go on: <see cref="UserAgentLayer.Restore(InviteDialogState, Flow, DigestClient?)"/>.</summary>
    /// <returns>The state.</returns>
    public InviteDialogState ToState() => new() { Dialog = State, OpenAnswer = _answer?.ToState() };

    /// <summary>Forgets the dialog without a word to the peer.</summary>
    public void Abandon()
    {
        End(DialogEndCause.Abandoned, null);
        _layer.Unregister(Id, this);
    }

    internal void SetConfirmed(SipRequest? ack) => _confirmed.TrySetResult(ack);

    /// <summary>Ends the dialog for its user. The layer goes on knowing it while a BYE or an ACK is outstanding.</summary>
    internal void End(DialogEndCause cause, SipMessage? message)
    {
        if (!_ended.TrySetResult(new DialogEnd(cause, message)))
            return;
        _incoming?.Withdraw(487);
        _change?.Complete(481);
        StopSessionTimer();
        if (!_byeAfterAck)
            StopAnswer(null);
        if (cause == DialogEndCause.RemoteBye)
            _layer.Unregister(Id, this);
        RaiseChanged();
        Detach();
    }

    // The dialog is known for a while yet (a BYE that crosses, late answers of an INVITE); its user is to be gone by then, with all of its call.
    private void Detach()
    {
        Changed = null;
        Admit = null;
        RequestReceived = null;
        ForgottenAnswer = null;
        RefreshByReinvite = null;
        FindWayBeside = null;
        UnheardBeside = null;
        _reinviteReceived = null;
    }

    private void RaiseChanged() => Changed?.Invoke(this);
}
