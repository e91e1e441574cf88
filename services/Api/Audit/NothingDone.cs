namespace CloudPbx.Api.Audit;

/// <summary>The request was right and changed nothing, since it was a dry run or nothing of it could be taken: a feature of the request, which its handler sets. The audit log says nothing of it.</summary>
internal sealed record NothingDone;
