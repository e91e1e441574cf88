using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Resellers;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Users;

/// <summary>Who may sign in: operators, a reseller's people, a tenant's people. The same resource in three places; each place sees its own.</summary>
internal static class UserEndpoints
{
    private static readonly TimeSpan s_linkLife = TimeSpan.FromHours(24);

    /// <summary>Maps the users of the place that a group is about.</summary>
    /// <param name="group">The group: the platform, a reseller or a tenant.</param>
    /// <param name="place">What the operations' names end with.</param>
    public static void MapUsers(this RouteGroupBuilder group, string place)
    {
        RouteGroupBuilder users = group.MapGroup("/users").WithTags("Users");
        users.MapGet("/", ListAsync).WithName($"List{place}Users").WithMetadata([.. QueryParameter.Page]);
        users.MapGet("/{user}", GetAsync).WithName($"Get{place}User");
        users.MapPost("/", CreateAsync).WithName($"Create{place}User").Takes<NewUser>().WithSummary("Lets somebody in; the answer has a link by which they choose a password.");
        users.MapPut("/{user}", ChangeAsync).WithName($"Change{place}User").Takes<NewUser>();
        users.MapPost("/{user}/link", LinkAsync).WithName($"Link{place}User").WithSummary("Makes a new link by which they choose a password; the one before no longer works.");
        users.MapPost("/{user}/revoke", RevokeAsync).WithName($"Revoke{place}User").WithSummary("Ends all that they are signed in at.");
        users.MapDelete("/{user}", DeleteAsync).WithName($"Delete{place}User");
    }

    internal static async Task<Results<Ok<Page<UserDto>>, ProblemHttpResult>> ListAsync(HttpContext http, UserDirectory users, IPbxDatabase database, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(http.Request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        UserOwner owner = RequestOwner.Of(http);
        IReadOnlyList<GlobalUser> found = await users.ListAsync(owner, page.After, page.Limit + 1, cancel);
        IReadOnlyDictionary<ExtensionId, string> numbers = await NumbersAsync(database, owner, cancel);
        return TypedResults.Ok(new Page<UserDto>([.. found.Take(page.Limit).Select(u => ToDto(u, numbers))], found.Count > page.Limit ? found[page.Limit - 1].UserName : null));
    }

    internal static async Task<Results<Ok<UserDto>, ProblemHttpResult>> GetAsync(string user, HttpContext http, UserDirectory users, IPbxDatabase database, CancellationToken cancel) =>
        await FindAsync(user, http, users, cancel) is { } row ? TypedResults.Ok(ToDto(row, await NumbersAsync(database, RequestOwner.Of(http), cancel))) : Missing();

    internal static async Task<Results<Created<UserDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, UserDirectory users, OneTimeLinks links, PublicUrl publicUrl, IPbxDatabase database, TimeProvider time, CancellationToken cancel)
    {
        UserOwner owner = RequestOwner.Of(http);
        RequestErrors errors = new();
        IReadOnlyDictionary<ExtensionId, string> numbers = await NumbersAsync(database, owner, cancel);
        (NewUser wish, UserRole role, ExtensionId? extension) = Read(body, owner, numbers, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        GlobalUser row = UserDirectory.New(owner, role, wish.Email, wish.DisplayName ?? wish.Email, extension, time.GetUtcNow().UtcDateTime);
        row.Enabled = wish.Enabled ?? true;
        SaveOutcome outcome = await users.AddAsync(row, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? AddressTaken() : Answers.Refused(outcome);
        string link = publicUrl.At(OneTimeLinks.Path + await links.CreateAsync(row.Id, s_linkLife, cancel));
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"{http.Request.Path}/{row.Id}", ToDto(row, numbers) with { PasswordLink = link });
    }

    internal static async Task<Results<Ok<UserDto>, ProblemHttpResult>> ChangeAsync(
        string user, HttpContext http, JsonBody body, Caller caller, UserDirectory users, SignOuts signOuts, IPbxDatabase database, CancellationToken cancel)
    {
        UserOwner owner = RequestOwner.Of(http);
        RequestErrors errors = new();
        IReadOnlyDictionary<ExtensionId, string> numbers = await NumbersAsync(database, owner, cancel);
        (NewUser wish, UserRole role, ExtensionId? extension) = Read(body, owner, numbers, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (await FindAsync(user, http, users, cancel) is not { } row)
            return Missing();
        bool enabled = wish.Enabled ?? true, less = row.Enabled && (!enabled || role > row.Role);
        if (less && caller.Subject == row.Id.ToString())
            return Answers.Conflict("You cannot take your own rights away. Somebody else must do it.");
        if (row.UserName.Contains('@', StringComparison.Ordinal))                        // the first operator signs in by a name
            (row.UserName, row.NormalizedUserName) = (wish.Email, wish.Email.ToUpperInvariant());
        row.EmailConfirmed &= string.Equals(row.Email, wish.Email, StringComparison.OrdinalIgnoreCase);
        (row.Email, row.DisplayName, row.Role, row.ExtensionId, row.Enabled) = (wish.Email, wish.DisplayName ?? wish.Email, role, extension, enabled);
        SaveOutcome outcome = await users.SaveAsync(row, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? AddressTaken() : Answers.Refused(outcome);
        if (less)
            await signOuts.EndAllAsync(row.Id, cancel);
        return TypedResults.Ok(ToDto(row, numbers));
    }

    internal static async Task<Results<Ok<UserDto>, ProblemHttpResult>> LinkAsync(
        string user, HttpContext http, UserDirectory users, OneTimeLinks links, PublicUrl publicUrl, IPbxDatabase database, CancellationToken cancel)
    {
        if (await FindAsync(user, http, users, cancel) is not { } row)
            return Missing();
        string link = publicUrl.At(OneTimeLinks.Path + await links.CreateAsync(row.Id, s_linkLife, cancel));
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(ToDto(row, await NumbersAsync(database, RequestOwner.Of(http), cancel)) with { PasswordLink = link });
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(string user, HttpContext http, UserDirectory users, SignOuts signOuts, CancellationToken cancel)
    {
        if (await FindAsync(user, http, users, cancel) is not { } row)
            return Missing();
        row.SecurityStamp = Guid.NewGuid().ToString("N");                                // ends the sign-in pages' cookies too
        SaveOutcome outcome = await users.SaveAsync(row, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await signOuts.EndAllAsync(row.Id, cancel);
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string user, HttpContext http, Caller caller, UserDirectory users, SignOuts signOuts, CancellationToken cancel)
    {
        if (!UserId.TryParse(user, out UserId id) || await users.FindAsync(RequestOwner.Of(http), id, cancel) is null)
            return Missing();
        if (caller.Subject == id.ToString())
            return Answers.Conflict("You cannot delete yourself. Somebody else must do it.");
        await signOuts.EndAllAsync(id, cancel);                                          // first: with the person gone, nobody knows what they had
        await users.RemoveAsync(RequestOwner.Of(http), id, cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Whose users the route is about: filters have entered the tenant or the reseller.</summary>
    private static async Task<GlobalUser?> FindAsync(string user, HttpContext http, UserDirectory users, CancellationToken cancel) =>
        UserId.TryParse(user, out UserId id) ? await users.FindAsync(RequestOwner.Of(http), id, cancel) : null;

    private static async Task<IReadOnlyDictionary<ExtensionId, string>> NumbersAsync(IPbxDatabase database, UserOwner owner, CancellationToken cancel)
    {
        if (owner.TenantId is not { } tenant)
            return new Dictionary<ExtensionId, string>();
        await using PbxDbContext db = database.OpenTenant(tenant);
        return await db.Extensions.Select(e => new { e.Id, e.Number }).ToDictionaryAsync(e => e.Id, e => e.Number, cancel);
    }

    private static (NewUser Wish, UserRole Role, ExtensionId? Extension) Read(JsonBody body, UserOwner owner, IReadOnlyDictionary<ExtensionId, string> numbers, RequestErrors errors)
    {
        ObjectReader reader = body.Read(errors);
        NewUser wish = new()
        {
            Email = reader.Required("email", Rules.Email),
            DisplayName = reader.Optional("displayName", Rules.DisplayName),
            Role = reader.OptionalEnum<UserRole>("role"),
            Extension = reader.Optional("extension", Rules.ExtensionNumber),
            Enabled = reader.OptionalBoolean("enabled"),
        };
        reader.Finish();
        UserRole usual = owner.TenantId is not null ? UserRole.User : owner.ResellerId is not null ? UserRole.Reseller : UserRole.Operator;
        UserRole role = wish.Role ?? usual;
        if (role != usual && !(owner.TenantId is not null && role == UserRole.Administrator))
            errors.Add("$.role", owner.TenantId is not null ? "Must be \"administrator\" or \"user\"." : $"Must be \"{TokenClaims.Write(usual)}\" here, or absent.");
        ExtensionId? extension = null;
        if (wish.Extension is { } number)
        {
            KeyValuePair<ExtensionId, string> found = numbers.FirstOrDefault(n => n.Value == number);
            if (found.Value is null)
                errors.Add("$.extension", "The tenant has no extension of this number: create it first.");
            else
                extension = found.Key;
        }
        return (wish, role, extension);
    }

    private static UserDto ToDto(GlobalUser user, IReadOnlyDictionary<ExtensionId, string> numbers) => new()
    {
        Id = user.Id, UserName = user.UserName, Email = user.Email, DisplayName = user.DisplayName, Role = user.Role,
        Extension = user.ExtensionId is { } extension ? numbers.GetValueOrDefault(extension) : null, Enabled = user.Enabled, HasPassword = user.PasswordHash is not null,
        TwoFactor = user.TwoFactorEnabled, LastSignInAt = user.LastSignInAt, CreatedAt = user.CreatedAt,
    };

    private static ProblemHttpResult Missing() => Answers.NotFound("There is no such user here.");

    private static ProblemHttpResult AddressTaken() => Answers.Taken("$.email", "Somebody signs in by this mail address already: choose another.");
}
