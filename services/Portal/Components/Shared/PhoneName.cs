using CloudPbx.Contracts.Api;

namespace CloudPbx.Portal.Components.Shared;

/// <summary>What to call a phone that says what it is in its <c>User-Agent</c>.</summary>
public static class PhoneName
{
    private const int Longest = 48;

    /// <summary>The phone's own name and its transport.</summary>
    /// <param name="phone">The phone.</param>
    public static string Of(LivePhoneDto phone) => $"{Agent(phone.UserAgent)} · {phone.Transport.ToUpperInvariant()}";

    /// <summary>The phone's own name, not too long.</summary>
    /// <param name="agent">What it sent.</param>
    public static string Agent(string? agent) => string.IsNullOrWhiteSpace(agent) ? "SIP" : agent.Length <= Longest ? agent : agent[..Longest] + "…";
}
