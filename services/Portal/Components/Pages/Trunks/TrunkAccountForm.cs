namespace CloudPbx.Portal.Components.Pages.Trunks;

/// <summary>A line of a trunk while it is edited.</summary>
public sealed class TrunkAccountForm
{
    public string User { get; set; } = "";

    public string? AuthUser { get; set; }

    /// <summary>A new password; empty keeps the old one.</summary>
    public string? Password { get; set; }

    /// <summary>Whether the API has it with a password.</summary>
    public bool IsKnown { get; init; }
}
