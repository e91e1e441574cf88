using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.SignUp;

/// <summary>Why a sign-up was refused, in words for a stranger: there is no administrator of theirs to ask yet.</summary>
internal static class SignUpProblems
{
    /// <summary>A sentence that says what to do.</summary>
    public static string Sentence(Texts texts, ApiProblem problem) => problem switch
    {
        { Status: StatusCodes.Status403Forbidden } => texts["signup.closed"],
        { Status: StatusCodes.Status429TooManyRequests } => texts["signup.too-many"],
        { Kind: "service-away", Detail: { } detail } when ApiSentences.Find(texts.Language, detail) is { } said => said,
        _ => Problems.Sentence(texts, problem),
    };
}
