using System.Globalization;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>Asks a phone to answer by itself. No RFC that phones follow says how (RFC 5373 has few friends), so both ways that they do know are written; who knows neither rings.</summary>
internal static class AutoAnswer
{
    /// <summary>The header fields: <c>Call-Info</c> with <c>answer-after</c> (Snom, Polycom, baresip) and <c>Alert-Info</c> with <c>info=alert-autoanswer</c> (Yealink, Grandstream, Fanvil).</summary>
    /// <param name="domain">The tenant's domain, for the URI that both must have.</param>
    /// <param name="seconds">After which time.</param>
    public static IReadOnlyList<HeaderField> Hints(string domain, int seconds)
    {
        string after = seconds.ToString(CultureInfo.InvariantCulture);
        SipUri uri = new(SipScheme.Sip, null, domain);
        return [new HeaderField("Call-Info", $"<{uri}>;answer-after={after}"), new HeaderField("Alert-Info", $"<{uri}>;info=alert-autoanswer;delay={after}")];
    }
}
