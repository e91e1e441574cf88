namespace CloudPbx.Contracts.Api;

/// <summary>What holds for the whole platform and is changed while it runs.</summary>
public sealed record PlatformSettings
{
    /// <summary>Whether companies become tenants by themselves; also then only where a plan is for it. <c>true</c> if absent.</summary>
    public bool? SignUp { get; init; }

    /// <summary>The plan of a sign-up that names none; the first one for sign-ups, by name, if absent.</summary>
    public string? SignUpPlan { get; init; }

    /// <summary>The language of tenants that name none, as a language tag (BCP 47); <c>en</c> if absent.</summary>
    public string? Language { get; init; }

    /// <summary>How many days a tenant may keep recordings at most, 1 to 3650: older ones are deleted, whatever the tenant says. No limit if absent.</summary>
    public int? MostRecordingDays { get; init; }

    /// <summary>The emergency numbers that a new tenant begins with; those of its language if absent.</summary>
    public IReadOnlyList<string>? EmergencyNumbers { get; init; }

    /// <summary>Where people of tenants find help: a mail address, a telephone number, a page. At most 200 characters.</summary>
    public string? Support { get; init; }
}
