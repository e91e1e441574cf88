using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>
/// What is left of an INVITE of ours that has its final response, for 64·T1: answers of further forks, and one that comes after a CANCEL, are acknowledged and
/// hung up (RFC 3261 §13.2.2.4, I18); a 2xx that comes again after its dialog has ended is acknowledged again.
/// </summary>
/// <remarks>
/// A busy worker keeps thousands of them and hardly any is ever asked, so the INVITE is kept as octets, and neither call nor dialog is held. As long as the
/// dialog lives the layer gives repeated answers to that.
/// </remarks>
internal sealed class FinishedInvite : IOutgoingInvite
{
    private const int MaximumForks = 64;

    private readonly UserAgentLayer _layer;
    private readonly Flow _flow;
    private readonly DigestClient? _authentication;
    private readonly byte[] _invite;
    private readonly string? _cancelReason;
    private readonly string? _answeredBy;
    private Dictionary<string, SipRequest>? _acknowledged;    // To tag → the ACK that was sent

    /// <summary>Keeps what is needed.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="invite">The INVITE.</param>
    /// <param name="authentication">What answers challenges to the BYEs.</param>
    /// <param name="cancelReason">The Reason of its CANCEL, for the BYEs; null where it had none.</param>
    /// <param name="answeredBy">The To tag of the 2xx that made the call; null where none did.</param>
    public FinishedInvite(UserAgentLayer layer, OutgoingInvite invite, DigestClient? authentication, string? cancelReason, string? answeredBy)
    {
        _layer = layer;
        _flow = invite.Flow;
        _authentication = authentication;
        _invite = invite.Request.ToBytes();
        _cancelReason = cancelReason;
        _answeredBy = answeredBy;
    }

    /// <inheritdoc/>
    public void OnRequest(ServerTransaction transaction)
    {
        bool crossed = transaction.Method == SipMethod.Bye && _acknowledged?.ContainsKey(transaction.Request.From.Tag ?? "") == true;       // crossed our BYE
        transaction.Respond(crossed ? 200 : 481);
    }

    /// <inheritdoc/>
    public void OnAnswer(SipResponse response)
    {
        string tag = response.To.Tag ?? "";
        if (_acknowledged?.GetValueOrDefault(tag) is { } again)
            _flow.TrySend(again);
        else if (_acknowledged is not { Count: >= MaximumForks })
            Acknowledge(response, tag);
    }

    private void Acknowledge(SipResponse response, string tag)
    {
        SipRequest invite = UserAgentLayer.Read<SipRequest>(_invite);
        Dialog dialog = Dialog.FromResponse(invite, response);
        SipRequest ack = dialog.CreateAck(response.CSeq.Number);
        // §13.2.2.4: the credentials of the INVITE.
        ack.Headers.CopyFrom(invite.Headers, SipHeaderName.Authorization);
        ack.Headers.CopyFrom(invite.Headers, SipHeaderName.ProxyAuthorization);
        (_acknowledged ??= [])[tag] = ack;
        _layer.Transactions.SendAck(ack, _flow);
        if (tag == _answeredBy)
            return;                                      // its dialog has had its BYE
        SipRequest bye = dialog.CreateRequest(SipMethod.Bye);
        if (_cancelReason is not null)
            bye.Headers.Add(SipHeaderName.Reason, _cancelReason);
        _ = new RequestAttempts(_layer.Transactions, () => _flow, _authentication, _ => dialog.NextCSeq()).SendAsync(bye);   // never fails
    }
}
