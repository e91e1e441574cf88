using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>
/// Brings requests to their dialogs and everything else to the core (RFC 3261 §8, §12.2.2): 481 for a dialog that is not known, 405 and 501 for methods,
/// 416 for Request-URI schemes, 420 for Require. One per owner (tenant, softphone), with a <see cref="TransactionLayer"/> of its own.
/// </summary>
/// <remarks>Single-threaded by contract, like the transactions below it.</remarks>
public sealed class UserAgentLayer
{
    /// <summary>Creates a layer without dialogs.</summary>
    /// <param name="timers">The owner's timers.</param>
    /// <param name="sipTimers">The timers' values.</param>
    /// <param name="tokens">Makes tags, branches and Call-IDs.</param>
    /// <param name="options">What it says of itself and accepts.</param>
    /// <param name="core">Who decides about requests outside dialogs.</param>
    public UserAgentLayer(ITimers timers, SipTimers sipTimers, SipTokens tokens, UserAgentOptions options, IUserAgentCore core) => throw new NotImplementedException();

    /// <summary>Gets the transactions below.</summary>
    public TransactionLayer Transactions => throw new NotImplementedException();

    /// <summary>Gets the options.</summary>
    public UserAgentOptions Options => throw new NotImplementedException();

    /// <summary>Gets how many dialogs live, early ones included.</summary>
    public int DialogCount => throw new NotImplementedException();

    /// <summary>Takes a message from a flow, parsed without fault.</summary>
    /// <param name="message">The message; the layer keeps it.</param>
    /// <param name="flow">The flow it came in on.</param>
    public void Receive(SipMessage message, Flow flow) => throw new NotImplementedException();

    /// <summary>Calls someone.</summary>
    /// <param name="invite">What the INVITE is made of.</param>
    /// <param name="flow">The flow that it leaves by.</param>
    /// <returns>The call, under way.</returns>
    public OutgoingInvite Invite(OutgoingInviteOptions invite, Flow flow) => throw new NotImplementedException();

    /// <summary>Takes an INVITE that the core was given: it can be answered step by step from now on.</summary>
    /// <param name="transaction">The INVITE's transaction, without final response.</param>
    /// <param name="contact">Our Contact, for the whole dialog.</param>
    /// <param name="authentication">What answers challenges to our requests in the dialog; <see langword="null"/> (for phones that called us always) never answers (threat S4).</param>
    /// <returns>The call.</returns>
    public IncomingInvite Take(ServerTransaction transaction, NameAddress contact, DigestClient? authentication = null) => throw new NotImplementedException();

    /// <summary>Takes over a confirmed dialog that began elsewhere.</summary>
    /// <param name="state">Its stored state.</param>
    /// <param name="flow">The flow to the peer.</param>
    /// <param name="authentication">What answers challenges in the dialog.</param>
    /// <returns>The dialog.</returns>
    public InviteDialog Restore(DialogState state, Flow flow, DigestClient? authentication = null) => throw new NotImplementedException();

    /// <summary>Makes a request outside a dialog, with everything but Via and Contact (RFC 3261 §8.1.1).</summary>
    /// <param name="method">The method.</param>
    /// <param name="requestUri">The Request-URI.</param>
    /// <param name="from">From; a tag is added if it has none.</param>
    /// <param name="to">To.</param>
    /// <param name="callId">The Call-ID; <see langword="null"/> for a new one.</param>
    /// <param name="cseq">The CSeq number; <see langword="null"/> for a random one.</param>
    /// <returns>The request, to be completed and sent.</returns>
    public SipRequest CreateRequest(SipMethod method, SipUri requestUri, NameAddress from, NameAddress to, string? callId = null, uint? cseq = null) => throw new NotImplementedException();

    /// <summary>Sends a request that is neither INVITE nor ACK, and waits for its final response; challenges are answered.</summary>
    /// <param name="request">The request without our Via. For further attempts it is copied, with rising CSeq.</param>
    /// <param name="flow">The flow that it leaves by.</param>
    /// <param name="authentication">What answers 401 and 407, or <see langword="null"/>.</param>
    /// <returns>The final response; one made here with 408 or 503 if none came. Never fails.</returns>
    public Task<SipResponse> SendAsync(SipRequest request, Flow flow, DigestClient? authentication = null) => throw new NotImplementedException();
}
