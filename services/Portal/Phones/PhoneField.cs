namespace CloudPbx.Portal.Phones;

/// <summary>One field of a phone.</summary>
/// <param name="Name">Ours, for tests.</param>
/// <param name="Label">The phone's.</param>
/// <param name="Value">What is typed there.</param>
/// <param name="IsSecret">Whether it is hidden until somebody asks.</param>
/// <param name="IsCopied">Whether it can be copied.</param>
internal sealed record PhoneField(string Name, string Label, string Value, bool IsSecret = false, bool IsCopied = true);
