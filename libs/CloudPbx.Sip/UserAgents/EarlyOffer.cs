using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An offer in a reliable provisional response to an INVITE of ours that had none; its answer goes in the PRACK (RFC 3262 §5).</summary>
public sealed class EarlyOffer
{
    private readonly Action<MessageBody> _answer;
    private bool _answered;

    internal EarlyOffer(SipResponse response, Action<MessageBody> answer)
    {
        Response = response;
        _answer = answer;
    }

    /// <summary>Gets the response with the offer.</summary>
    public SipResponse Response { get; }

    /// <summary>Sends the PRACK with the answer. Doing it twice sends one; after the call's end none.</summary>
    /// <param name="answer">The answer.</param>
    public void Answer(MessageBody answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (_answered)
            return;
        _answered = true;
        _answer(answer);
    }
}
