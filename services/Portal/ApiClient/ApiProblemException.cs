namespace CloudPbx.Portal.ApiClient;

/// <summary>The API refused, or was not there.</summary>
/// <param name="problem">Why.</param>
public sealed class ApiProblemException(ApiProblem problem) : Exception($"{problem.Kind}: {problem.Detail}")
{
    /// <summary>Why.</summary>
    public ApiProblem Problem { get; } = problem;
}
