using System.Globalization;
using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>The subscription that a REFER makes: NOTIFYs with the state of the new call as <c>message/sipfrag</c> (RFC 3515 §2.4.4, RFC 3420).</summary>
/// <param name="dialog">The dialog of the party that asked.</param>
/// <param name="refer">Its REFER.</param>
/// <param name="isFirst">Whether it is the dialog's first one: the id may be left out then, and phones exist that do not know it.</param>
internal sealed class ReferNotices(InviteDialog dialog, SipRequest refer, bool isFirst)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    // RFC 4488: a party that does not want to be told.
    private readonly bool _wanted = !string.Equals(refer.Headers.Get(SipHeaderName.ReferSub)?.Trim(), "false", StringComparison.OrdinalIgnoreCase);

    private bool _ended;

    /// <summary>The header fields of the 202.</summary>
    public IReadOnlyList<(SipHeaderName Name, string Value)> Accepted =>
        [(SipHeaderName.Contact, dialog.State.LocalContact), .. _wanted ? [] : ((SipHeaderName, string)[])[(SipHeaderName.ReferSub, "false")]];

    /// <summary>Tells how the new call stands; a final status ends the subscription. What the party answers changes nothing.</summary>
    public void Tell(int status)
    {
        if (!_wanted || _ended || dialog.IsEnded)
            return;
        _ended = status >= 200;
        string id = isFirst ? "refer" : string.Create(CultureInfo.InvariantCulture, $"refer;id={refer.CSeq.Number}");
        // I67: the fragment ends with CRLF.
        byte[] fragment = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"SIP/2.0 {status} {SipReasonPhrases.Of(status)}\r\n"));
        _ = dialog.SendAsync(
            SipMethod.Notify, new MessageBody("message/sipfrag;version=2.0", fragment),
            [new HeaderField("Event", id), new HeaderField("Subscription-State", _ended ? SubscriptionStateValue.Terminated(SubscriptionEnd.NoResource) : SubscriptionStateValue.Active(s_patience))]);   // never fails
    }
}
