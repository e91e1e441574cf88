using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Taking over what began elsewhere. A state that was not written by this library is a bug of the caller's and throws.</summary>
public sealed partial class UserAgentLayer
{
    /// <summary>Takes over an answered call's dialog. A 2xx that waits for its ACK is sent again at once, and repeated.</summary>
    /// <param name="state">Its stored state.</param>
    /// <param name="flow">The flow to the peer.</param>
    /// <param name="authentication">What answers challenges in the dialog.</param>
    /// <returns>The dialog.</returns>
    /// <exception cref="ArgumentException">A malformed state.</exception>
    public InviteDialog Restore(InviteDialogState state, Flow flow, DigestClient? authentication = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(flow);
        InviteDialog dialog = new(this, new Dialog(state.Dialog), flow, authentication);
        Register(dialog.Id, dialog);
        dialog.Resume(state.OpenAnswer);
        return dialog;
    }

    /// <summary>Takes over an INVITE that waits for its answer, with its transaction: repetitions of it, its CANCEL and requests in the early dialog find it.</summary>
    /// <param name="state">Its stored state.</param>
    /// <param name="flow">The flow that it came in on.</param>
    /// <param name="authentication">What answers challenges in the dialog.</param>
    /// <returns>The call. Nothing is sent.</returns>
    /// <exception cref="ArgumentException">A malformed state.</exception>
    public IncomingInvite Restore(IncomingInviteState state, Flow flow, DigestClient? authentication = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(flow);
        NameAddress contact = NameAddress.TryParse(state.Contact, out NameAddress? address)
            ? address : throw new ArgumentException("Contact is no address.", nameof(state));
        SipResponse? last = state.LastResponse.IsEmpty ? null : Read<SipResponse>(state.LastResponse);
        return new IncomingInvite(this, Transactions.Restore(Read<SipRequest>(state.Request), flow, last), contact, authentication, state.Reliable, state.Timer, state.SessionInterval, state);
    }

    /// <summary>Takes over an INVITE of ours that waits for its final response, with its transaction. One that was given up is cancelled once more.</summary>
    /// <param name="state">Its stored state.</param>
    /// <param name="flow">The flow that it left by.</param>
    /// <param name="authentication">What answers challenges here and in the dialog.</param>
    /// <returns>The call, under way. The INVITE is sent again where no provisional response came and the flow is unreliable.</returns>
    /// <exception cref="ArgumentException">A malformed state.</exception>
    public OutgoingInvite Restore(OutgoingInviteState state, Flow flow, DigestClient? authentication = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(flow);
        OutgoingInvite call = new(this, state, flow, authentication);
        _outgoing[(call.CallId, call.LocalTag)] = call;
        call.Resume(state);
        return call;
    }

    internal static T Read<T>(ReadOnlyMemory<byte> octets)
        where T : SipMessage =>
        SipMessage.TryParse(octets.Span, out SipMessage? message) == SipParseError.None && message is T read
            ? read : throw new ArgumentException($"No {typeof(T).Name} was stored.", nameof(octets));
}
