namespace CloudPbx.Data.Resellers;

/// <summary>How pages look for a reseller's or tenant's people. One JSON column; members may only be added.</summary>
public sealed record Branding
{
    /// <summary>The product's name as they know it.</summary>
    public string? Name { get; init; }

    /// <summary>An image, by HTTPS.</summary>
    public string? LogoUrl { get; init; }

    /// <summary>The main colour, <c>#rrggbb</c>.</summary>
    public string? Color { get; init; }

    /// <summary>The own host name.</summary>
    public string? Host { get; init; }

    /// <summary>Whom to ask for help: a mail address.</summary>
    public string? SupportEmail { get; init; }
}
