using CloudPbx.Contracts.Api;

namespace CloudPbx.Api.Documents;

/// <summary>What came of applying a document: a report, or why nothing was changed.</summary>
/// <param name="Report">What was done, where it was.</param>
/// <param name="Refusal">Why not: <see cref="ApplyRefusal.None"/> with a report.</param>
internal readonly record struct ApplyOutcome(ApplyReport? Report, ApplyRefusal Refusal);

/// <summary>Why a document was not applied.</summary>
internal enum ApplyRefusal
{
    /// <summary>It was.</summary>
    None,

    /// <summary>The errors say what is taken by another tenant.</summary>
    Taken,

    /// <summary>The errors say what is missing, which only the present state of the tenant could tell.</summary>
    Invalid,

    /// <summary>Somebody else changed the tenant at the same time.</summary>
    Conflict,
}
