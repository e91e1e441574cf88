using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>A peer that does not cope with reliable provisional responses: it refused our PRACK (I1, I2), or the INVITE because of <c>100rel</c>.</summary>
/// <param name="Method">What it refused: PRACK or INVITE.</param>
/// <param name="StatusCode">Its status code; 408 where it never answered the PRACK.</param>
/// <param name="ReasonPhrase">Its own words.</param>
public sealed record ReliabilityRefusal(SipMethod Method, int StatusCode, string ReasonPhrase);
