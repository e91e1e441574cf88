namespace CloudPbx.Contracts.Api;

/// <summary>A SIP password that CloudPbx made.</summary>
/// <param name="Extension">The number of the device's extension.</param>
/// <param name="Device">The device's name.</param>
/// <param name="AuthUser">The user name to type into the phone.</param>
/// <param name="Secret">The password to type into the phone.</param>
public sealed record GeneratedSecret(string Extension, string Device, string AuthUser, string Secret);
