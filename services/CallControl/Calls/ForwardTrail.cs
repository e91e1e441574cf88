using System.Globalization;
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

    /// <summary>Whether a call may go on to a number, see the other one.</summary>
    public static int Refusal(IReadOnlyList<ForwardHop> trail, string number, params IReadOnlyList<string> further) => Refusal([.. trail.Select(hop => hop.Number), .. further], number);

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
        string index = "1";
        foreach (ForwardHop hop in trail)
        {
            fields.Add(new HeaderField("History-Info", $"<{Uri(hop.Number, domain)}?Reason=SIP%3Bcause%3D{hop.Cause}>;index={index}{(index.Length > 1 ? ";mp=" + index[..^2] : "")}"));
            index += ".1";
        }
        fields.Add(new HeaderField("History-Info", $"<{Uri(number, domain)}>;index={index};mp={index[..^2]}"));
        return fields;
    }

    /// <summary>What the caller's 181 says of one hop.</summary>
    public static HeaderField CallInfo(string forwarder, string number, string domain) =>
        new("Call-Info", string.Create(CultureInfo.InvariantCulture, $"<{Uri(number, domain)}>;purpose=forwarding;username=\"{forwarder}\";contact=\"{number}\""));

    private static SipUri Uri(string number, string domain) => new(SipScheme.Sip, number, domain);
}
