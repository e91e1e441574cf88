using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.SignUp;

/// <summary>What was typed by somebody who wants a telephone system for a company. Every refusal gives it back as it was typed.</summary>
public sealed class SignUpForm
{
    private static readonly string[] s_fields = ["company", "email", "displayName", "tenant", "plan", "language"];

    /// <summary>The company.</summary>
    public string? Company { get; init; }

    /// <summary>Where the confirmation goes.</summary>
    public string? Email { get; init; }

    /// <summary>The name of who signs up.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The tenant's name, a part of its domain.</summary>
    public string? Tenant { get; init; }

    /// <summary>The chosen plan.</summary>
    public string? Plan { get; init; }

    /// <summary>Language tag as the API has it.</summary>
    public string? Language { get; init; }

    /// <summary>What there is to choose among; <see langword="null"/>: the API did not say.</summary>
    public SignUpOfferDto? Offer { get; init; }

    /// <summary>What is wrong where.</summary>
    public FormErrors Errors { get; } = new();

    /// <summary>Asks the API for it.</summary>
    /// <param name="api">The API, with a token or without.</param>
    /// <param name="texts">The words.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The sign-up that waits for its mail to be answered, or <see langword="null"/>: <see cref="Errors"/> say why.</returns>
    public async Task<SignUpDto?> SendAsync(PbxApi api, Texts texts, CancellationToken cancel)
    {
        Errors.Clear();
        try
        {
            return await api.SignUpAsync(
                new NewSignUp { Company = Text(Company) ?? "", Email = Text(Email) ?? "", DisplayName = Text(DisplayName), Tenant = Text(Tenant) ?? "", Plan = Text(Plan), Language = Text(Language) }, cancel);
        }
        catch (ApiProblemException fault)
        {
            if (fault.Problem.Errors.Count > 0)
                Errors.Take(fault.Problem, texts, s_fields);
            else
                Errors.Refuse(SignUpProblems.Sentence(texts, fault.Problem));
            return null;
        }
    }

    private static string? Text(string? typed) => string.IsNullOrWhiteSpace(typed) ? null : typed.Trim();
}
