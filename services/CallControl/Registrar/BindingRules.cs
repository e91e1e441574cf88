namespace CloudPbx.CallControl.Registrar;

/// <summary>The limits of registrations.</summary>
/// <param name="MinimumExpires">The shortest expiry granted; a shorter wish is refused (423).</param>
/// <param name="MaximumExpires">The longest expiry granted to this phone; longer wishes are shortened to it.</param>
/// <param name="MaximumContacts">Contacts per extension.</param>
internal sealed record BindingRules(TimeSpan MinimumExpires, TimeSpan MaximumExpires, int MaximumContacts);
