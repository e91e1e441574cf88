namespace CloudPbx.Portal.Phones;

/// <summary>What is typed into a phone.</summary>
/// <param name="Domain">The tenant's SIP domain.</param>
/// <param name="Server">The server that the phone connects to.</param>
/// <param name="Port">Its port for TLS.</param>
/// <param name="UdpPort">Its port for UDP and TCP.</param>
/// <param name="User">The user name.</param>
/// <param name="Password">The password; <see langword="null"/> where it was shown before.</param>
/// <param name="DisplayName">The name that others see.</param>
/// <param name="IsDefault">Whether the server's address alone leads to the tenant.</param>
public sealed record PhoneAccount(string Domain, string Server, int Port, int UdpPort, string User, string? Password, string DisplayName, bool IsDefault = false)
{
    /// <summary>Does not tell the password.</summary>
    public override string ToString() => $"{User}@{Domain}";
}
