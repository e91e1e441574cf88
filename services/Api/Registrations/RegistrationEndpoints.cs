using CloudPbx.Api.Access;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.State.Bindings;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Registrations;

/// <summary>The live registrations, from the registrars' copy in Redis.</summary>
internal static class RegistrationEndpoints
{
    public static void MapRegistrations(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/registrations", ListAsync).For(UserRole.User).WithName("ListRegistrations").WithTags("Registrations");

    internal static async Task<Results<Ok<Page<RegistrationDto>>, ProblemHttpResult>> ListAsync(
        TenantContext tenant, Caller caller, BindingStore bindings, CancellationToken cancel)
    {
        if (await bindings.ListAsync(tenant.TenantId, cancel) is not { } list)
            return Answers.LiveStateAway("Registrations cannot be read now; phones stay registered. Try again in a few seconds.");
        return TypedResults.Ok(new Page<RegistrationDto>(
            [.. list.Where(b => caller.OwnNumber is null || b.Extension == caller.OwnNumber).OrderBy(b => b.Extension, StringComparer.Ordinal).ThenBy(b => b.RegisteredAt).ThenBy(b => b.ContactUri, StringComparer.Ordinal).Select(ToDto)], null));
    }

    private static RegistrationDto ToDto(Binding binding) => new()
    {
        Extension = binding.Extension,
        DeviceId = binding.DeviceId,
        AuthUser = binding.AuthUser,
        Contact = StrangersText.WithoutControls(binding.ContactUri)!,
        Transport = binding.Transport,
        RemoteAddress = binding.RemoteAddress,
        UserAgent = StrangersText.WithoutControls(binding.UserAgent),
        RegisteredAt = binding.RegisteredAt,
        ExpiresAt = binding.ExpiresAt,
    };
}
