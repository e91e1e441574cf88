using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Hanging up.</summary>
public sealed partial class InviteDialog
{
    private readonly TaskCompletionSource _byeDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _byeAfterAck;
    private bool _byeSent;
    private string? _byeReason;

    /// <summary>Hangs up (RFC 3261 §15). The dialog is over at once; where our 2xx still waits for its ACK the BYE follows that (§15).</summary>
    /// <param name="reason">The value of a Reason header field (RFC 3326), or <see langword="null"/>.</param>
    /// <returns>Completes when the BYE was answered or given up; never fails. Doing it twice sends one BYE.</returns>
    public Task ByeAsync(string? reason = null)
    {
        if (IsEnded)
            return _byeSent || _byeAfterAck ? _byeDone.Task : Task.CompletedTask;
        _byeReason = reason;
        _byeAfterAck = _answer is { IsFirst: true };
        if (!_byeAfterAck)
            SendBye();
        End(DialogEndCause.LocalBye, null);
        return _byeDone.Task;
    }

    private void SendBye()
    {
        if (_byeSent)
            return;
        _byeSent = true;
        _byeAfterAck = false;
        Acknowledge(null);                               // an offer in a 2xx that nobody answered: the ACK has to go first
        SipRequest bye = _dialog.CreateRequest(SipMethod.Bye);
        if (_layer.Options.Product is not null)
            bye.Headers.Add(SipHeaderName.UserAgent, _layer.Options.Product);
        if (_byeReason is not null)
            bye.Headers.Add(SipHeaderName.Reason, _byeReason);
        RequestAttempts attempts = new(
            _layer.Transactions, () => Flow, _authentication, _ => _dialog.NextCSeq(),
            _ =>
            {
                // Known until now, so that a BYE of the peer that crossed ours got its 200.
                _layer.Unregister(Id, this);
                _byeDone.TrySetResult();
            });
        _ = attempts.SendAsync(bye);                     // never fails
    }
}
