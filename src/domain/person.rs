//! Who may do what: one table of roles and acts, scoped by site.

use super::ids::{AutomationId, PersonId, SiteId, TokenId};
use super::operator::approves;
use super::words::words;

words! {
    /// What a person is to a site.
    Role {
        Reporter = "reporter",
        SupportLead = "support_lead",
        Owner = "owner",
        Administrator = "administrator",
        Auditor = "auditor",
    }
}

words! {
    /// What an API token is limited to.
    Scope {
        Gate = "gate",
        Runs = "runs",
        Incidents = "incidents",
        Evidence = "evidence",
        Bundles = "bundles",
        Escalations = "escalations",
        Review = "review",
        Actions = "actions",
        Checks = "checks",
        Decisions = "decisions",
        Registry = "registry",
        Admin = "admin",
    }
}

words! {
    /// Everything that asks for permission.
    Act {
        /// Declare an incident.
        FileIncident = "file_incident",
        /// Read every incident of the site; a reporter sees only what they filed.
        ReadIncidents = "read_incidents",
        /// Change an incident's facts and status, log attempts and observations.
        WorkIncident = "work_incident",
        /// Withdraw an incident that was declared by mistake; whoever filed it may, as long as nobody worked on it.
        WithdrawIncident = "withdraw_incident",
        /// Seal evidence.
        SealEvidence = "seal_evidence",
        /// Build a bundle, look at pictures for it, ask to lift a false alarm.
        BuildBundle = "build_bundle",
        /// Fetch a bundle that exists.
        ReadBundles = "read_bundles",
        /// Send a bundle to somebody.
        Escalate = "escalate",
        /// Write the review; plan actions, checks and criteria.
        WriteReview = "write_review",
        /// Complete an action that one owns.
        CompleteAction = "complete_action",
        /// Verify what another completed.
        VerifyAction = "verify_action",
        /// Record results of checks, show that criteria hold.
        RecordChecks = "record_checks",
        /// Ask for a restart.
        AskRestart = "ask_restart",
        /// Approve or decline a restart.
        DecideRestart = "decide_restart",
        /// See sites and automations.
        ReadRegistry = "read_registry",
        /// Pause an automation, a category or a site.
        Pause = "pause",
        /// Release a pause that no incident holds.
        ReleasePause = "release_pause",
        /// Ask whether an automation may run.
        AskGate = "ask_gate",
        /// Report a run of an automation.
        ReportRun = "report_run",
        /// Review a run, explain a failure, do a review that the cadence asks for.
        ReviewRun = "review_run",
        /// Dismiss a flag with a reason.
        DismissFlag = "dismiss_flag",
        /// Report an outside event: it may pause what it concerns.
        ReportChange = "report_change",
        /// Widen an automation's scope, or relax its approval requirement.
        WidenScope = "widen_scope",
        /// Ask for, or confirm, a break-glass opening: two different people, one of them an administrator.
        BreakGlass = "break_glass",
        /// Register and change sites and automations.
        ManageRegistry = "manage_registry",
        /// People, their roles and everybody's tokens.
        ManagePeople = "manage_people",
        /// Change what a practice says; for every site.
        ManagePractices = "manage_practices",
        /// Hold something against a practice, attest a line, do a review that is due.
        KeepPractice = "keep_practice",
        /// Write and export a playbook, localise an imported one, record and review its first run.
        WritePlaybook = "write_playbook",
        /// Import a playbook, and release it for production.
        ImportPlaybook = "import_playbook",
        /// Bring in a generated asset, write its record, note where it stands and clean it from there.
        WriteAsset = "write_asset",
        /// Approve, reject or review an asset that one did not prepare; decide whether it may be used again.
        ApproveAsset = "approve_asset",
        /// Write the procedures that operators learn by; for every site.
        ManageProcedures = "manage_procedures",
        /// Judge the answers of operators, and review their first weeks.
        TrainOperators = "train_operators",
        /// See the rules of redaction that the organisation has added.
        ReadRules = "read_rules",
        /// Try a text on the rule bench.
        TryRules = "try_rules",
        /// Add, change and switch rules of redaction; read past evidence again with them. For every site.
        ManageRules = "manage_rules",
        /// Read and verify the audit chain.
        ReadAudit = "read_audit",
        /// Settle a row that was altered behind the program's back, after looking at it; for every site.
        SettleRow = "settle_row",
    }
}

impl Scope {
    /// Does the scope let a token do something to an incident?
    fn works_on_incidents(self) -> bool {
        use Scope::*;
        matches!(self, Incidents | Evidence | Bundles | Escalations | Review | Actions | Checks | Decisions)
    }
}

impl Act {
    /// The scope that a token needs for this act.
    pub fn scope(self) -> Scope {
        match self {
            Act::FileIncident | Act::ReadIncidents | Act::WorkIncident | Act::WithdrawIncident => Scope::Incidents,
            Act::SealEvidence | Act::ReadRules | Act::TryRules => Scope::Evidence,
            Act::BuildBundle | Act::ReadBundles => Scope::Bundles,
            Act::Escalate => Scope::Escalations,
            Act::WriteReview => Scope::Review,
            Act::CompleteAction | Act::VerifyAction => Scope::Actions,
            Act::RecordChecks => Scope::Checks,
            Act::AskRestart | Act::DecideRestart | Act::WidenScope | Act::BreakGlass => Scope::Decisions,
            Act::ReportRun | Act::ReviewRun | Act::DismissFlag | Act::ReportChange => Scope::Runs,
            Act::AskGate | Act::Pause | Act::ReleasePause => Scope::Gate,
            Act::ReadRegistry | Act::ManageRegistry | Act::KeepPractice => Scope::Registry,
            Act::WritePlaybook | Act::ImportPlaybook => Scope::Registry,
            Act::WriteAsset | Act::ApproveAsset => Scope::Registry,
            Act::ManageProcedures | Act::TrainOperators => Scope::Admin,
            Act::ManagePeople | Act::ReadAudit | Act::ManagePractices | Act::SettleRow | Act::ManageRules => {
                Scope::Admin
            }
        }
    }
}

/// The table: may this role do this act on a site where it holds the role?
pub fn role_may(role: Role, act: Act) -> bool {
    use Act::*;
    match role {
        Role::Administrator => true,
        Role::SupportLead => matches!(
            act,
            FileIncident
                | ReadIncidents
                | WorkIncident
                | WithdrawIncident
                | SealEvidence
                | BuildBundle
                | ReadBundles
                | Escalate
                | WriteReview
                | CompleteAction
                | VerifyAction
                | RecordChecks
                | AskRestart
                | ReadRegistry
                | Pause
                | AskGate
                | ReportRun
                | ReviewRun
                | DismissFlag
                | ReportChange
                | KeepPractice
                | WritePlaybook
                | TrainOperators
                | WriteAsset
                | ApproveAsset
                | BreakGlass
                | ReadRules
                | TryRules
        ),
        Role::Owner => matches!(
            act,
            FileIncident
                | ReadIncidents
                | WithdrawIncident
                | CompleteAction
                | VerifyAction
                | RecordChecks
                | AskRestart
                | ReadRegistry
                | Pause
                | ReleasePause
                | AskGate
                | ReportRun
                | ReviewRun
                | ReportChange
                | KeepPractice
                | WritePlaybook
                | WriteAsset
                | ApproveAsset
                | BreakGlass
        ),
        Role::Reporter => matches!(act, FileIncident | BreakGlass),
        Role::Auditor => matches!(act, ReadIncidents | ReadBundles | ReadRegistry | ReadAudit | ReadRules),
    }
}

/// Id of the row that stands for this program among people: it reports what is opened automatically. It is inactive,
/// holds no role and is in no list.
pub const SYSTEM_PERSON: &str = "allclear";

/// A role held on one site, or on every site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// `None`: every site.
    pub site: Option<SiteId>,
}

/// Who acts.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A person, signed in or by token.
    Person(PersonActor),
    /// An automation's own token: it may ask its gate, pause itself and report its runs.
    Automation { id: AutomationId, site: SiteId, token: TokenId },
    /// This program: a job, a migration, the installer's command line.
    System(&'static str),
}

/// A person who acts, with what they hold.
#[derive(Clone, Debug)]
pub struct PersonActor {
    /// The person.
    pub id: PersonId,
    /// Name shown in timelines.
    pub name: String,
    /// Address they sign in with.
    pub email: String,
    /// Roles held.
    pub grants: Vec<Grant>,
    /// Limits of the token used; `None`: a page, or a token without limits.
    pub scopes: Option<Vec<Scope>>,
    /// The token used, if any.
    pub token: Option<TokenId>,
    /// Sites on which they are late with their training: there they approve nothing (`operator::approves`).
    pub narrowed: Vec<SiteId>,
}

impl Actor {
    /// May this actor do `act` on `site`?
    pub fn may(&self, act: Act, site: &SiteId) -> bool {
        match self {
            Actor::Person(person) => {
                person.in_scope(act)
                    && !person.is_late_for(act, site)
                    && person
                        .grants
                        .iter()
                        .any(|grant| role_may(grant.role, act) && grant.site.as_ref().is_none_or(|own| own == site))
            }
            Actor::Automation { site: own, .. } => {
                matches!(act, Act::AskGate | Act::Pause | Act::ReportRun) && own == site
            }
            Actor::System(_) => true,
        }
    }

    /// May this actor do `act` on every site? What belongs to no single site asks this.
    pub fn may_everywhere(&self, act: Act) -> bool {
        match self {
            Actor::Person(person) => {
                person.in_scope(act)
                    && (person.narrowed.is_empty() || !approves(act))
                    && person.grants.iter().any(|grant| role_may(grant.role, act) && grant.site.is_none())
            }
            Actor::Automation { .. } => false,
            Actor::System(_) => true,
        }
    }

    /// May this actor do `act` to what belongs to this site; none: to every site?
    pub fn may_where(&self, act: Act, site: Option<&SiteId>) -> bool {
        site.map_or_else(|| self.may_everywhere(act), |site| self.may(act, site))
    }

    /// May this actor do `act` anywhere at all? Decides what a menu offers, never what is done.
    pub fn may_somewhere(&self, act: Act) -> bool {
        match self {
            Actor::Person(person) => {
                person.in_scope(act) && person.grants.iter().any(|grant| role_may(grant.role, act))
            }
            Actor::Automation { .. } => matches!(act, Act::AskGate | Act::Pause | Act::ReportRun),
            Actor::System(_) => true,
        }
    }

    /// The sites on which this actor may do `act`: `None` means every site.
    pub fn sites_for(&self, act: Act) -> Option<Vec<SiteId>> {
        match self {
            Actor::Person(person) if !person.in_scope(act) => Some(Vec::new()),
            Actor::Person(person) => {
                let mut sites = Vec::new();
                for grant in person.grants.iter().filter(|grant| role_may(grant.role, act)) {
                    sites.push(grant.site.clone()?);
                }
                sites.retain(|site| !person.is_late_for(act, site));
                Some(sites)
            }
            // Its own token reads nothing: a list that asks for another act is empty.
            Actor::Automation { site, .. } if self.may(act, site) => Some(vec![site.clone()]),
            Actor::Automation { .. } => Some(Vec::new()),
            Actor::System(_) => None,
        }
    }

    /// Does this actor hold any role on the site? Whoever does not gets "not found", not "forbidden".
    pub fn belongs_to(&self, site: &SiteId) -> bool {
        match self {
            Actor::Person(person) => {
                person.grants.iter().any(|grant| grant.site.as_ref().is_none_or(|own| own == site))
            }
            Actor::Automation { site: own, .. } => own == site,
            Actor::System(_) => true,
        }
    }

    /// How the audit chain names the actor: `person:ID`, `automation:ID`, `system:NAME`.
    pub fn reference(&self) -> String {
        match self {
            Actor::Person(person) => format!("person:{}", person.id),
            Actor::Automation { id, .. } => format!("automation:{id}"),
            Actor::System(name) => format!("system:{name}"),
        }
    }

    /// How a timeline names the actor.
    pub fn name(&self) -> String {
        match self {
            Actor::Person(person) => person.name.clone(),
            Actor::Automation { .. } => "the automation itself".to_owned(),
            Actor::System(_) => "Allclear".to_owned(),
        }
    }

    /// The person who acts, if it is one.
    pub fn person(&self) -> Option<&PersonActor> {
        match self {
            Actor::Person(person) => Some(person),
            _ => None,
        }
    }
}

impl PersonActor {
    /// Would they have to learn first, before they do this on the site?
    pub fn is_late_for(&self, act: Act, site: &SiteId) -> bool {
        approves(act) && self.narrowed.contains(site)
    }

    fn in_scope(&self, act: Act) -> bool {
        match &self.scopes {
            None => true,
            Some(scopes) => {
                scopes.contains(&act.scope())
                    // Whoever may file through a token must be able to name the site and pause what is concerned.
                    || (act == Act::Pause && scopes.contains(&Scope::Incidents))
                    || (act == Act::ReadRegistry && !scopes.is_empty())
                    // Whoever may work on an incident through a token must be able to see it.
                    || (act == Act::ReadIncidents && scopes.iter().any(|scope| scope.works_on_incidents()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(grants: Vec<Grant>, scopes: Option<Vec<Scope>>) -> Actor {
        Actor::Person(PersonActor {
            id: PersonId::fresh(),
            name: "Alice".into(),
            email: "alice@example.org".into(),
            grants,
            scopes,
            token: None,
            narrowed: Vec::new(),
        })
    }

    #[test]
    fn a_role_on_one_site_says_nothing_about_another() {
        let (here, there) = (SiteId::fresh(), SiteId::fresh());
        let lead = person(vec![Grant { role: Role::SupportLead, site: Some(here.clone()) }], None);
        assert!(lead.may(Act::BuildBundle, &here));
        assert!(!lead.may(Act::BuildBundle, &there));
        assert!(!lead.belongs_to(&there));
        assert!(!lead.may_everywhere(Act::BuildBundle));
        assert_eq!(lead.sites_for(Act::BuildBundle), Some(vec![here]));
    }

    #[test]
    fn an_auditor_reads_and_changes_nothing() {
        for act in Act::ALL {
            let reads = matches!(
                act,
                Act::ReadIncidents | Act::ReadBundles | Act::ReadRegistry | Act::ReadAudit | Act::ReadRules
            );
            assert_eq!(role_may(Role::Auditor, *act), reads, "{act}");
        }
    }

    #[test]
    fn a_scoped_token_never_does_more_than_its_scope() {
        let everywhere = vec![Grant { role: Role::Administrator, site: None }];
        let token = person(everywhere, Some(vec![Scope::Gate]));
        let site = SiteId::fresh();
        assert!(token.may(Act::AskGate, &site));
        assert!(!token.may(Act::FileIncident, &site));
        assert!(!token.may(Act::ReadIncidents, &site));
        assert!(!token.may(Act::ManagePeople, &site));
    }

    #[test]
    fn a_token_for_checks_sees_the_incident_it_works_on() {
        let token = person(vec![Grant { role: Role::Owner, site: None }], Some(vec![Scope::Checks]));
        let site = SiteId::fresh();
        assert!(token.may(Act::ReadIncidents, &site) && token.may(Act::RecordChecks, &site));
        assert!(!token.may(Act::AskRestart, &site));
    }

    #[test]
    fn whoever_is_late_with_their_training_approves_nothing_there_and_still_pauses() {
        let (late, other) = (SiteId::fresh(), SiteId::fresh());
        let Actor::Person(ada) = person(vec![Grant { role: Role::Administrator, site: None }], None) else { return };
        let ada = Actor::Person(PersonActor { narrowed: vec![late.clone()], ..ada });
        for act in Act::ALL {
            assert_eq!(ada.may(*act, &late), !approves(*act), "{act}");
            assert!(ada.may(*act, &other), "{act}");
            assert_eq!(ada.may_everywhere(*act), !approves(*act), "{act}");
        }
    }

    #[test]
    fn an_automation_asks_and_pauses_itself_only() {
        let site = SiteId::fresh();
        let robot = Actor::Automation { id: AutomationId::fresh(), site: site.clone(), token: TokenId::fresh() };
        for act in Act::ALL {
            assert_eq!(robot.may(*act, &site), matches!(act, Act::AskGate | Act::Pause | Act::ReportRun), "{act}");
        }
    }
}
