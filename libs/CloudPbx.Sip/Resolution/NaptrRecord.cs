namespace CloudPbx.Sip.Resolution;

/// <summary>A NAPTR record, as far as SIP uses it (RFC 3263 §4.1).</summary>
/// <param name="Order">Lower ones come first, and a match ends the search.</param>
/// <param name="Preference">Lower ones come first within an order.</param>
/// <param name="Flags">SIP's have <c>s</c>: the replacement is the name of SRV records.</param>
/// <param name="Services">For example <c>SIP+D2U</c>.</param>
/// <param name="Replacement">The next name.</param>
public sealed record NaptrRecord(int Order, int Preference, string Flags, string Services, string Replacement);
