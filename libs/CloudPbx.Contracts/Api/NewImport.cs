namespace CloudPbx.Contracts.Api;

/// <summary>What a miniSIPServer had, in CSV; a file that is absent is not taken over. The first line of each names its columns, in any order.</summary>
public sealed record NewImport
{
    /// <summary>Its local users: <c>local user</c>, <c>password</c>, <c>display name</c>.</summary>
    public string? Users { get; init; }

    /// <summary>Its external lines: <c>external line</c>, <c>password</c>, <c>server</c>, <c>port</c>, <c>auth id</c>, <c>local user</c>.</summary>
    public string? Lines { get; init; }

    /// <summary>Its dial plan: <c>prefix</c>, <c>external line</c>, <c>delete digits</c>, <c>insert</c>.</summary>
    public string? DialPlan { get; init; }
}
