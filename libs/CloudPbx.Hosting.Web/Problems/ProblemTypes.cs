using Microsoft.AspNetCore.Http;

namespace CloudPbx.Hosting.Web.Problems;

/// <summary>The stable types of problems; clients compare these and never the titles.</summary>
public static class ProblemTypes
{
    /// <summary>What all types begin with. They are names, not addresses to fetch.</summary>
    public const string Prefix = "urn:cloudpbx:problem:";

    /// <summary>Nothing of that name or id is there, for this tenant.</summary>
    public const string NotFound = Prefix + "not-found";

    /// <summary>The document or a field in it is wrong; <c>errors</c> says where, and what to do.</summary>
    public const string Validation = Prefix + "validation";

    /// <summary>The name, number or domain is used already.</summary>
    public const string Taken = Prefix + "taken";

    /// <summary>Something else refers to it: change that first.</summary>
    public const string InUse = Prefix + "in-use";

    /// <summary>It belongs to the platform: the operator changes it.</summary>
    public const string OfPlatform = Prefix + "of-platform";

    /// <summary>The plan's limit is reached: delete something, or get a larger plan.</summary>
    public const string PlanLimit = Prefix + "plan-limit";

    /// <summary>Somebody else changed it at the same time; read it again.</summary>
    public const string Conflict = Prefix + "conflict";

    /// <summary>The call is not in a state in which that can be done, or cannot begin; <c>detail</c> says why.</summary>
    public const string CallState = Prefix + "call-state";

    /// <summary>The database is away; nothing was changed.</summary>
    public const string DatabaseAway = Prefix + "database-away";

    /// <summary>The live state (Redis) or the tenant's worker is away.</summary>
    public const string LiveStateAway = Prefix + "live-state-away";

    /// <summary>The object store is away; what it keeps is kept.</summary>
    public const string ObjectStoreAway = Prefix + "object-store-away";

    /// <summary>The audio is on its way to the object store.</summary>
    public const string NotStoredYet = Prefix + "not-stored-yet";

    /// <summary>What is stored cannot be opened.</summary>
    public const string Unreadable = Prefix + "unreadable";

    /// <summary>Another part of the platform is away; nothing was changed.</summary>
    public const string ServiceAway = Prefix + "service-away";

    /// <summary>Authentication is missing or wrong.</summary>
    public const string Unauthorized = Prefix + "unauthorized";

    /// <summary>The caller's role or scope does not allow it.</summary>
    public const string Forbidden = Prefix + "forbidden";

    /// <summary>The caller asks too often; <c>Retry-After</c> says when it may go on.</summary>
    public const string TooManyRequests = Prefix + "too-many-requests";

    /// <summary>Gives the type for a status that says all there is to say.</summary>
    /// <param name="status">HTTP status.</param>
    public static string OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => Validation,
        StatusCodes.Status401Unauthorized => Unauthorized,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status409Conflict => Conflict,
        StatusCodes.Status429TooManyRequests => TooManyRequests,
        _ => $"{Prefix}status-{status}",
    };
}
