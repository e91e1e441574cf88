using System.Globalization;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Api;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>The numbers that sent a call on, first one first; what is told of them, and what stops a call that goes in circles (RFC 5393, SECURITY.md S13).</summary>
internal static class ForwardTrail
{
    /// <summary>How often a call may be sent on.</summary>
    public const int MaximumLength = 5;

    /// <summary>Whether a call may go on to a number.</summary>
    /// <returns>0, or the status that stands for it: 482 for a loop, 483 for a way that is too long.</returns>
    public static int Refusal(IReadOnlyList<string> trail, string number) => trail.Contains(number) ? 482 : trail.Count > MaximumLength ? 483 : 0;

    /// <summary>Whether a call may go on to a number inside, see the other one.</summary>
    public static int Refusal(IReadOnlyList<ForwardHop> trail, string number) => Refusal([.. trail.Select(hop => hop.Number)], number);

    /// <summary>Whether a call may go on to a number outside, see the other one: numbers that it was at before it came here are part of its way.</summary>
    public static int Refusal(IReadOnlyList<ForwardHop> trail, string number, ReceivedWay received) =>
        received.Numbers.Any(before => IsSame(before, number)) ? 482
        : trail.Count + received.Length > MaximumLength ? 483
        : Refusal(trail, number);

    /// <summary>The rule that a forward is in the steps of a decision.</summary>
    public static string RuleOf(ForwardReason reason) => "forward-" + reason switch
    {
        ForwardReason.Always => "always",
        ForwardReason.Busy => "busy",
        ForwardReason.NoAnswer => "no-answer",
        ForwardReason.Unreachable => "unreachable",
        ForwardReason.Declined => "declined",
        _ => "phone",
    };

    /// <summary>What the INVITE to who is called now says of the way: Diversion, latest first (RFC 5806 §4.1), and History-Info (RFC 7044 §5).</summary>
    /// <param name="trail">Who sent it on; empty says nothing.</param>
    /// <param name="number">Who is called now.</param>
    /// <param name="domain">The tenant's domain.</param>
    public static IReadOnlyList<HeaderField> Describe(IReadOnlyList<ForwardHop> trail, string number, string domain)
    {
        if (trail.Count == 0)
            return [];
        List<HeaderField> fields = [.. trail.Reverse().Select(hop => new HeaderField("Diversion", $"<{Uri(hop.Number, domain)}>;reason={hop.DiversionReason};counter=1"))];
        fields.AddRange(HistoryOf([.. trail.Select(hop => (Uri(hop.Number, domain), hop.Cause))], Uri(number, domain)));
        return fields;
    }

    /// <summary>History-Info of a way: each number one level below the one that sent the call on to it (RFC 7044 §10.3), which was another one's (<c>mp</c>, §5) and says why (§10.2).</summary>
    /// <param name="hops">Who sent the call on, the first one first, and for which status.</param>
    /// <param name="target">Who is called now.</param>
    /// <param name="index">The first one's index.</param>
    /// <param name="how">How the first one was found, as a parameter; empty: nobody knows.</param>
    public static IEnumerable<HeaderField> HistoryOf(IReadOnlyList<(SipUri Uri, int Cause)> hops, SipUri target, string index = "1", string how = "")
    {
        foreach ((SipUri uri, int cause) in hops)
        {
            yield return new HeaderField("History-Info", $"<{uri}?Reason=SIP%3Bcause%3D{cause}>;index={index}{how}");
            how = ";mp=" + index;
            index += ".1";
        }
        yield return new HeaderField("History-Info", $"<{target}>;index={index}{how}");
    }

    /// <summary>What the caller's 181 says of one hop.</summary>
    public static HeaderField CallInfo(string forwarder, string number, string domain) =>
        new("Call-Info", string.Create(CultureInfo.InvariantCulture, $"<{Uri(number, domain)}>;purpose=forwarding;username=\"{forwarder}\";contact=\"{number}\""));

    // Carriers that write E.164 leave the plus out as often as not.
    private static bool IsSame(string before, string number) => before.TrimStart('+') == number.TrimStart('+');

    private static SipUri Uri(string number, string domain) => new(SipScheme.Sip, number, domain);
}
